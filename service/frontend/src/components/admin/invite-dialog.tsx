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
import { wholeNumber } from "@/lib/admin/acts";
import { invitationLink } from "@/lib/admin/invitations";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { useAdminApi, useAdminTexts } from "./use-admin";

const MAX_USES = 1000;
const MAX_DAYS = 365;

interface Props {
  /** Told even where the dialog was closed meanwhile: an invitation that was made is not to be overlooked. */
  onMade: (code: string) => void;
  onClose: () => void;
}

/** Make an invitation. */
export function InviteDialog({ onMade, onClose }: Props) {
  const api = useAdminApi();
  const texts = useTexts();
  const { invitations } = useAdminTexts();
  const { busy, failure, run } = useAct();
  const [note, setNote] = useState("");
  const [uses, setUses] = useState("1");
  const [days, setDays] = useState("7");
  const [checked, setChecked] = useState(false);
  const people = wholeNumber(uses, 1, MAX_USES);
  const period = wholeNumber(days, 1, MAX_DAYS);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    if (people === undefined || period === undefined) {
      focusFirstProblem(event.currentTarget);
    } else if (!busy) {
      void run(async () => onMade((await api.invite(note.trim(), people, period)).code));
    }
  };

  return (
    <Dialog onClose={onClose} title={invitations.add}>
      <form className="space-y-4" noValidate onSubmit={submit}>
        <TextField
          autoComplete="off"
          autoFocus
          label={invitations.note}
          maxLength={200}
          onChange={(event) => setNote(event.target.value)}
          value={note}
        />
        <TextField
          autoComplete="off"
          error={checked && people === undefined ? invitations.usesWrong : undefined}
          inputMode="numeric"
          label={invitations.uses}
          onChange={(event) => setUses(event.target.value)}
          value={uses}
        />
        <TextField
          autoComplete="off"
          error={checked && period === undefined ? invitations.daysWrong : undefined}
          inputMode="numeric"
          label={invitations.days}
          onChange={(event) => setDays(event.target.value)}
          value={days}
        />
        {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        <DialogButtons disabled={busy} onCancel={onClose} text={invitations.create} />
      </form>
    </Dialog>
  );
}

/** The link and the code of a new invitation, this once. */
export function InvitationShown({ code, onClose }: { code: string; onClose: () => void }) {
  const { invitations, dialogs } = useAdminTexts();
  return (
    <Dialog onClose={null} title={invitations.madeTitle}>
      <div className="space-y-4">
        <SecretOnce
          copyLabel={invitations.copyLink}
          label={invitations.link}
          value={invitationLink(window.location.origin, code)}
        />
        <SecretOnce
          copyLabel={invitations.copyCode}
          label={invitations.code}
          note={invitations.madeNote}
          value={code}
        />
      </div>
      <div className="mt-5 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {dialogs.done}
        </Button>
      </div>
    </Dialog>
  );
}
