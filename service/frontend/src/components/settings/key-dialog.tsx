"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { DialogButtons } from "@/components/ui/dialog-buttons";
import { Notice } from "@/components/ui/notice";
import { SecretOnce } from "@/components/ui/secret-once";
import { TextField } from "@/components/ui/text-field";
import type { AccountClient } from "@/lib/api/account";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { useSettingsTexts } from "./use-settings-texts";

interface Props {
  account: AccountClient;
  /** Told even where the dialog was closed meanwhile: a key that was made is not to be overlooked. */
  onMade: (key: string) => void;
  onClose: () => void;
}

/** Make a key. */
export function KeyDialog({ account, onMade, onClose }: Props) {
  const texts = useTexts();
  const { keys } = useSettingsTexts();
  const { busy, failure, run } = useAct();
  const [name, setName] = useState("");
  const [checked, setChecked] = useState(false);
  const missing = name.trim() === "";

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (missing) focusFirstProblem(event.currentTarget);
    else if (!busy) void run(async () => onMade((await account.createKey(name.trim())).key));
  };

  return (
    <Dialog onClose={onClose} title={keys.add}>
      <form className="space-y-4" noValidate onSubmit={submit}>
        <TextField
          autoComplete="off"
          autoFocus
          error={checked && missing ? keys.nameMissing : undefined}
          label={keys.name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
          value={name}
        />
        {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        <DialogButtons disabled={busy} onCancel={onClose} text={keys.create} />
      </form>
    </Dialog>
  );
}

/** A new key, this once. */
export function KeyShown({ value, onClose }: { value: string; onClose: () => void }) {
  const { keys } = useSettingsTexts();
  return (
    <Dialog onClose={null} title={keys.madeTitle}>
      <SecretOnce copyLabel={keys.copy} label={keys.key} note={keys.madeNote} value={value} />
      <div className="mt-5 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {keys.done}
        </Button>
      </div>
    </Dialog>
  );
}
