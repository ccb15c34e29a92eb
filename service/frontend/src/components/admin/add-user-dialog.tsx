"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Dialog } from "@/components/ui/dialog";
import { DialogButtons } from "@/components/ui/dialog-buttons";
import { Notice } from "@/components/ui/notice";
import { SelectField } from "@/components/ui/select-field";
import { TextField } from "@/components/ui/text-field";
import type { NewPassword, Role } from "@/lib/api/admin";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { useAdminApi, useAdminTexts } from "./use-admin";

interface Props {
  onMade: (made: NewPassword) => void;
  onClose: () => void;
}

/** Make an account for somebody, whatever the registration policy says. */
export function AddUserDialog({ onMade, onClose }: Props) {
  const api = useAdminApi();
  const texts = useTexts();
  const { dialogs, users } = useAdminTexts();
  const { busy, failure, run } = useAct();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("user");
  const [checked, setChecked] = useState(false);
  const missing = username.trim() === "";

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (missing) focusFirstProblem(event.currentTarget);
    else if (!busy) void run(async () => onMade(await api.createUser(username.trim(), role)));
  };

  return (
    <Dialog onClose={onClose} title={dialogs.addTitle}>
      <form noValidate onSubmit={submit}>
        <p className="mb-4 leading-relaxed text-quiet">{dialogs.addText}</p>
        <div className="space-y-4">
          <TextField
            autoCapitalize="none"
            autoComplete="off"
            autoFocus
            error={checked && missing ? texts.fields.usernameMissing : undefined}
            label={texts.auth.username}
            onChange={(event) => setUsername(event.target.value)}
            spellCheck={false}
            value={username}
          />
          <SelectField
            label={users.role}
            onChange={(event) => setRole(event.target.value as Role)}
            value={role}
          >
            <option value="user">{users.user}</option>
            <option value="admin">{users.admin}</option>
          </SelectField>
          {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        </div>
        <DialogButtons disabled={busy} onCancel={onClose} text={dialogs.create} />
      </form>
    </Dialog>
  );
}
