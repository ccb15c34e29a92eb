"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Dialog } from "@/components/ui/dialog";
import { DialogButtons } from "@/components/ui/dialog-buttons";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { fill } from "@/i18n";
import { readLimit } from "@/lib/admin/acts";
import type { Account, OwnLimits } from "@/lib/api/admin";
import { textForError } from "@/lib/error-text";
import { focusFirstProblem } from "@/lib/focus";
import { useAdminApi, useAdminTexts } from "./use-admin";

interface Props {
  account: Account;
  onSaved: (account: Account) => void;
  onClose: () => void;
}

/** Give an account limits of its own. */
export function LimitsDialog({ account, onSaved, onClose }: Props) {
  const api = useAdminApi();
  const texts = useTexts();
  const { dialogs } = useAdminTexts();
  const { busy, failure, run } = useAct();
  const [checked, setChecked] = useState(false);
  const tokens = useLimit(account.limits.tokens_per_day);
  const messages = useLimit(account.limits.messages_per_minute);
  const streams = useLimit(account.limits.streams);
  const fields = [
    { label: dialogs.tokensPerDay, limit: tokens },
    { label: dialogs.messagesPerMinute, limit: messages },
    { label: dialogs.streams, limit: streams },
  ];

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setChecked(true);
    const [tokens_per_day, messages_per_minute, answers] = fields.map(({ limit }) => limit.value);
    if (
      tokens_per_day === undefined ||
      messages_per_minute === undefined ||
      answers === undefined
    ) {
      focusFirstProblem(event.currentTarget);
      return;
    }
    const limits: OwnLimits = { tokens_per_day, messages_per_minute, streams: answers };
    if (!busy) void run(async () => onSaved(await api.setLimits(account.id, limits)));
  };

  return (
    <Dialog onClose={onClose} title={fill(dialogs.limitsTitle, { username: account.username })}>
      <form className="text-start" noValidate onSubmit={submit}>
        <p className="mb-4 leading-relaxed text-quiet">{dialogs.limitsText}</p>
        <div className="space-y-4">
          {fields.map(({ label, limit }, index) => (
            <TextField
              autoFocus={index === 0}
              error={checked && limit.value === undefined ? dialogs.limitWrong : undefined}
              inputMode="numeric"
              key={label}
              label={label}
              onChange={(event) => limit.setText(event.target.value)}
              value={limit.text}
            />
          ))}
          {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        </div>
        <DialogButtons disabled={busy} onCancel={onClose} text={texts.common.save} />
      </form>
    </Dialog>
  );
}

function useLimit(limit: number | null) {
  const [text, setText] = useState(limit === null ? "" : String(limit));
  return { text, setText, value: readLimit(text) };
}
