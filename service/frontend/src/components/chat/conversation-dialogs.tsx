"use client";

import { type FormEvent, useState } from "react";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { fill } from "@/i18n";
import type { ConversationSummary } from "@/lib/api/types";
import { showInstead } from "@/lib/chat/address";
import { textForError } from "@/lib/error-text";
import { useSession } from "./chat-context";

interface Props {
  item: ConversationSummary;
  onClose: () => void;
}

export function RenameDialog({ item, onClose }: Props) {
  const texts = useTexts();
  const session = useSession();
  const [text, setText] = useState(item.title);
  const [failure, setFailure] = useState<unknown>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    try {
      await session.change(item.id, { title: text.trim() });
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <Dialog onClose={onClose} title={texts.history.renameTitle}>
      <form className="space-y-4" onSubmit={submit}>
        <TextField
          autoFocus
          label={texts.history.titleLabel}
          maxLength={200}
          onChange={(event) => setText(event.target.value)}
          value={text}
        />
        {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <Button look="primary" type="submit">
            {texts.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface DeleteProps extends Props {
  onDeleted?: () => void;
}

/** Ask once more: what is deleted is gone. */
export function DeleteDialog({ item, onClose, onDeleted }: DeleteProps) {
  const texts = useTexts();
  const session = useSession();
  const [failure, setFailure] = useState<unknown>(null);
  const title = item.title || texts.history.untitled;

  const remove = async () => {
    try {
      await session.remove(item.id);
      showInstead(item.id, null);
      onDeleted?.();
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <Dialog onClose={onClose} title={texts.history.deleteTitle}>
      <p className="mb-5 break-words text-quiet">{fill(texts.history.deleteText, { title })}</p>
      {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      <div className="mt-4 flex justify-end gap-2">
        <Button autoFocus onClick={onClose}>
          {texts.common.cancel}
        </Button>
        <Button look="danger" onClick={remove}>
          {texts.common.delete}
        </Button>
      </div>
    </Dialog>
  );
}
