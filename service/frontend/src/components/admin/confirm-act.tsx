"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useAct } from "@/components/frame/use-act";
import { useTexts } from "@/components/preferences";
import { Dialog } from "@/components/ui/dialog";
import { DialogButtons } from "@/components/ui/dialog-buttons";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { fill } from "@/i18n";
import type { AdminTexts } from "@/i18n/admin";
import type { ActName } from "@/lib/admin/acts";
import { textForError } from "@/lib/error-text";
import { useAdminTexts } from "./use-admin";

type Act = Exclude<ActName, "setLimits">;
type DialogText = keyof AdminTexts["dialogs"];

/** Title and text of the question; what harms nobody is done without one. */
const QUESTIONS: Record<Act, [DialogText, DialogText] | null> = {
  approve: null,
  reactivate: null,
  reject: ["rejectTitle", "rejectText"],
  deactivate: ["deactivateTitle", "deactivateText"],
  makeAdmin: ["roleTitle", "makeAdminText"],
  makeUser: ["roleTitle", "makeUserText"],
  resetPassword: ["resetTitle", "resetText"],
  remove: ["removeTitle", "removeText"],
};

interface Props {
  act: Act;
  username: string;
  perform: () => Promise<void>;
  onClose: () => void;
}

/** Ask before something that is felt at once; a deletion wants the name typed. */
export function ConfirmAct({ act, username, perform, onClose }: Props) {
  const texts = useTexts();
  const admin = useAdminTexts();
  const { busy, failure, run } = useAct();
  const [typed, setTyped] = useState("");
  const question = QUESTIONS[act];
  const unsure = act === "remove" && typed !== username;
  const begun = useRef(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what needs no question is begun once.
  useEffect(() => {
    if (question !== null || begun.current) return;
    begun.current = true;
    void run(perform);
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && !unsure) void run(perform);
  };

  if (question === null && failure === null) return null;
  const [title, text] = question ?? [null, null];
  return (
    <Dialog
      onClose={onClose}
      title={title === null ? admin.acts[act] : fill(admin.dialogs[title], { username })}
    >
      <form className="text-start" onSubmit={submit}>
        {text !== null && (
          <p className="leading-relaxed break-words text-quiet">
            {fill(admin.dialogs[text], { username })}
          </p>
        )}
        {act === "remove" && (
          <div className="mt-4">
            <TextField
              autoCapitalize="none"
              autoComplete="off"
              autoFocus
              label={fill(admin.dialogs.removeConfirm, { username })}
              onChange={(event) => setTyped(event.target.value)}
              spellCheck={false}
              value={typed}
            />
          </div>
        )}
        {failure !== null && (
          <div className="mt-4">
            <Notice kind="problem">{textForError(texts, failure)}</Notice>
          </div>
        )}
        <DialogButtons
          danger={act === "remove" || act === "reject" || act === "deactivate"}
          disabled={busy || unsure}
          onCancel={onClose}
          text={admin.acts[act]}
        />
      </form>
    </Dialog>
  );
}
