"use client";

import { type FormEvent, type ReactNode, useState } from "react";
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
  username: string;
  autoFocus?: boolean;
  onChanged: () => void;
  /** What stands beside the button that changes it. */
  children?: ReactNode;
}

/** Replace one's password; the present one proves who is at the keyboard. */
export function PasswordForm({ username, autoFocus = false, onChanged, children }: Props) {
  const api = useApi();
  const texts = useTexts();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [repeated, setRepeated] = useState("");
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const problem = next !== "" && next === current ? "passwordUnchanged" : passwordProblem(next);
  const wrong = failure instanceof ApiError && failure.code === "bad_credentials";

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setChecked(true);
    if (current === "" || problem !== null || repeated !== next) {
      focusFirstProblem(form);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await api.changePassword(current, next);
      setCurrent("");
      setNext("");
      setRepeated("");
      setChecked(false);
      onChanged();
    } catch (error) {
      setFailure(error);
      focusFirstProblem(form);
    } finally {
      setBusy(false);
    }
  };

  const currentError = () => {
    if (wrong) return texts.fields.currentPasswordWrong;
    return checked && current === "" ? texts.fields.passwordMissing : undefined;
  };

  return (
    <form className="space-y-4" noValidate onSubmit={submit}>
      {/* Where a password manager reads whose password this is. */}
      <input autoComplete="username" hidden name="username" readOnly value={username} />
      <TextField
        autoComplete="current-password"
        autoFocus={autoFocus}
        error={currentError()}
        label={texts.account.currentPassword}
        onChange={(event) => {
          setCurrent(event.target.value);
          if (wrong) setFailure(null);
        }}
        type="password"
        value={current}
      />
      <TextField
        autoComplete="new-password"
        error={checked && problem !== null ? texts.fields[problem] : undefined}
        hint={texts.auth.passwordRule}
        label={texts.account.newPassword}
        onChange={(event) => setNext(event.target.value)}
        type="password"
        value={next}
      />
      <TextField
        autoComplete="new-password"
        error={checked && repeated !== next ? texts.fields.passwordsDiffer : undefined}
        label={texts.account.repeatNewPassword}
        onChange={(event) => setRepeated(event.target.value)}
        type="password"
        value={repeated}
      />
      {failure !== null && !wrong && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <div className="flex flex-wrap justify-end gap-2 pt-1">
        {children}
        <Button disabled={busy} look="primary" type="submit">
          {texts.account.changePassword}
        </Button>
      </div>
    </form>
  );
}
