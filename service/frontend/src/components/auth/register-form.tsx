"use client";

import { type FormEvent, useState } from "react";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { ApiError } from "@/lib/api/errors";
import type { Registered } from "@/lib/api/types";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { passwordProblem } from "@/lib/passwords";

interface Props {
  /** Null where nobody needs a code, else the one to begin with. */
  initialInvitation: string | null;
  onRegistered: (registered: Registered) => void;
}

export function RegisterForm({ initialInvitation, onRegistered }: Props) {
  const api = useApi();
  const texts = useTexts();
  const [invitation, setInvitation] = useState(initialInvitation);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [repeated, setRepeated] = useState("");
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const code = failure instanceof ApiError ? failure.code : null;
  const taken = code === "username_taken";
  const refused = code === "invitation_invalid" || code === "invitation_required";
  const problem = passwordProblem(password);
  const nameMissing = username.trim() === "";

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (invitation?.trim() === "" || nameMissing || problem !== null || repeated !== password) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const credentials = { username: username.trim(), password };
      onRegistered(await api.register(credentials, invitation?.trim() ?? null));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };

  const usernameError = () => {
    if (taken) return texts.errors.username_taken;
    return checked && nameMissing ? texts.fields.usernameMissing : undefined;
  };

  const invitationError = () => {
    if (refused && failure !== null) return textForError(texts, failure);
    return checked && invitation?.trim() === "" ? texts.fields.invitationMissing : undefined;
  };

  return (
    <form className="space-y-4" noValidate onSubmit={submit}>
      {invitation !== null && (
        <TextField
          autoCapitalize="none"
          autoComplete="off"
          autoFocus={initialInvitation === ""}
          error={invitationError()}
          label={texts.auth.invitation}
          name="invitation"
          onChange={(event) => {
            setInvitation(event.target.value);
            if (refused) setFailure(null);
          }}
          spellCheck={false}
          value={invitation}
        />
      )}
      <TextField
        autoCapitalize="none"
        autoComplete="username"
        autoFocus={initialInvitation !== ""}
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
      {failure !== null && !taken && !(refused && invitation !== null) && (
        <Notice kind="problem">{textForError(texts, failure)}</Notice>
      )}
      <Button className="w-full" disabled={busy} look="primary" type="submit">
        {busy ? texts.auth.registering : texts.auth.register}
      </Button>
    </form>
  );
}
