"use client";

import { type FormEvent, useState } from "react";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { ApiError } from "@/lib/api/errors";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { passwordProblem } from "@/lib/passwords";

interface Props {
  onRegistered: (username: string) => void;
}

export function RegisterForm({ onRegistered }: Props) {
  const api = useApi();
  const texts = useTexts();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [repeated, setRepeated] = useState("");
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const taken = failure instanceof ApiError && failure.code === "username_taken";
  const problem = passwordProblem(password);
  const nameMissing = username.trim() === "";

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (nameMissing || problem !== null || repeated !== password) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await api.register({ username: username.trim(), password });
      onRegistered(username.trim());
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };

  const usernameError = () => {
    if (taken) return texts.errors.username_taken;
    return checked && nameMissing ? texts.fields.usernameMissing : undefined;
  };

  return (
    <form className="space-y-4" noValidate onSubmit={submit}>
      <TextField
        autoCapitalize="none"
        autoComplete="username"
        autoFocus
        error={usernameError()}
        label={texts.auth.username}
        name="username"
        onChange={(event) => {
          setUsername(event.target.value);
          if (taken) setFailure(null);
        }}
        spellCheck={false}
        value={username}
      />
      <TextField
        autoComplete="new-password"
        error={checked && problem !== null ? texts.fields[problem] : undefined}
        hint={texts.auth.passwordRule}
        label={texts.auth.password}
        name="password"
        onChange={(event) => setPassword(event.target.value)}
        type="password"
        value={password}
      />
      <TextField
        autoComplete="new-password"
        error={checked && repeated !== password ? texts.fields.passwordsDiffer : undefined}
        label={texts.auth.confirmPassword}
        name="repeated-password"
        onChange={(event) => setRepeated(event.target.value)}
        type="password"
        value={repeated}
      />
      {failure !== null && !taken && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <Button className="w-full" disabled={busy} look="primary" type="submit">
        {busy ? texts.auth.registering : texts.auth.register}
      </Button>
    </form>
  );
}
