"use client";

import { type FormEvent, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { WaitNotice } from "@/components/ui/wait-notice";
import { ApiError } from "@/lib/api/errors";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";

interface Props {
  initialUsername: string;
  onLoggedIn: () => void;
}

export function LoginForm({ initialUsername, onLoggedIn }: Props) {
  const api = useApi();
  const texts = useTexts();
  const [username, setUsername] = useState(initialUsername);
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (username.trim() === "" || password === "") {
      focusFirstProblem(event.currentTarget);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await api.login({ username: username.trim(), password });
      onLoggedIn();
    } catch (error) {
      setFailure(error);
      setBusy(false);
      passwordInput.current?.select();
      passwordInput.current?.focus();
    }
  };

  return (
    <form className="space-y-4" noValidate onSubmit={submit}>
      <TextField
        autoCapitalize="none"
        autoComplete="username"
        autoFocus={initialUsername === ""}
        error={checked && username.trim() === "" ? texts.fields.usernameMissing : undefined}
        label={texts.auth.username}
        name="username"
        onChange={(event) => setUsername(event.target.value)}
        spellCheck={false}
        value={username}
      />
      <TextField
        autoComplete="current-password"
        autoFocus={initialUsername !== ""}
        error={checked && password === "" ? texts.fields.passwordMissing : undefined}
        label={texts.auth.password}
        name="password"
        onChange={(event) => setPassword(event.target.value)}
        ref={passwordInput}
        type="password"
        value={password}
      />
      {failure !== null && <LoginFailure failure={failure} />}
      <Button className="w-full" disabled={busy} look="primary" type="submit">
        {busy ? texts.auth.loggingIn : texts.auth.login}
      </Button>
    </form>
  );
}

/** Why one can't log in; after too many attempts, for how long. */
function LoginFailure({ failure }: { failure: unknown }) {
  const texts = useTexts();
  const [at] = useState(Date.now);
  const text = textForError(texts, failure);
  if (!(failure instanceof ApiError) || failure.retryAfter === null) {
    return <Notice kind="problem">{text}</Notice>;
  }
  return <WaitNotice text={text} until={at + failure.retryAfter * 1_000} />;
}
