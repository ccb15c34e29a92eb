"use client";

import { type FormEvent, useState } from "react";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { ApiError } from "@/lib/api/errors";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { passwordProblem } from "@/lib/passwords";
import { useLogOut } from "./use-log-out";

interface Props {
  /** The current password was generated: no way round choosing one, but one may log out. */
  required?: boolean;
  onClose: () => void;
}

export function PasswordDialog({ required = false, onClose }: Props) {
  const api = useApi();
  const texts = useTexts();
  const logOut = useLogOut();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [repeated, setRepeated] = useState("");
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [changed, setChanged] = useState(false);

  const problem = next !== "" && next === current ? "passwordUnchanged" : passwordProblem(next);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (current === "" || problem !== null || repeated !== next) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await api.changePassword(current, next);
      setChanged(true);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  const wrong = failure instanceof ApiError && failure.code === "bad_credentials";
  const currentError = () => {
    if (wrong) return texts.fields.currentPasswordWrong;
    return checked && current === "" ? texts.fields.passwordMissing : undefined;
  };

  const title = required ? texts.account.changeRequired : texts.account.changePassword;
  if (changed) {
    return (
      <Dialog onClose={onClose} title={title}>
        <Notice kind="success">{texts.account.changed}</Notice>
        <div className="mt-5 flex justify-end">
          <Button autoFocus look="primary" onClick={onClose}>
            {texts.common.close}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog onClose={required ? null : onClose} title={title}>
      {required && <p className="mb-4 text-quiet">{texts.account.changeRequiredText}</p>}
      <form className="space-y-4" noValidate onSubmit={submit}>
        <TextField
          autoComplete="current-password"
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
        {failure !== null && !wrong && (
          <Notice kind="problem">{textForError(texts, failure)}</Notice>
        )}
        <div className="flex justify-end gap-2 pt-1">
          {required ? (
            <Button onClick={logOut}>{texts.account.logOut}</Button>
          ) : (
            <Button onClick={onClose}>{texts.common.cancel}</Button>
          )}
          <Button disabled={busy} look="primary" type="submit">
            {texts.account.changePassword}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
