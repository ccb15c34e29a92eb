"use client";

import { type FormEvent, type MouseEvent, useState } from "react";
import { useTexts } from "@/components/preferences";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Disclosure } from "@/components/ui/disclosure";
import { MenuButton } from "@/components/ui/menu-button";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { fill } from "@/i18n";
import type { ConversationSummary } from "@/lib/api/types";
import { textForError } from "@/lib/error-text";
import { conversationPath, showConversation, useSession } from "./chat-context";

interface Props {
  item: ConversationSummary;
  active: boolean;
  onNavigate: () => void;
}

/** One conversation of the history, with its options. */
export function HistoryItem({ item, active, onNavigate }: Props) {
  const { history, common } = useTexts();
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const title = item.title || history.untitled;

  const follow = (event: MouseEvent) => {
    // With a modifier the browser opens a tab or a window, as with any link.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!active) showConversation(item.id);
    onNavigate();
  };

  return (
    <li
      className={`group relative flex items-center rounded-lg transition-colors ${active ? "bg-hover" : "hover:bg-hover"}`}
    >
      <a
        aria-current={active ? "page" : undefined}
        className="min-w-0 flex-1 truncate rounded-lg px-2.5 py-2 text-[0.9375rem] pointer-coarse:pe-10 group-focus-within:pe-9 group-hover:pe-9"
        href={conversationPath(item.id)}
        onClick={follow}
        title={title}
      >
        {title}
      </a>
      <div className="absolute end-0.5 pointer-fine:opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        <Disclosure
          panelClassName="end-0 top-full mt-1 w-44"
          trigger={(properties) => (
            <IconButton
              {...properties}
              className="size-8"
              icon="more"
              label={fill(history.options, { title })}
            />
          )}
        >
          {(close) => (
            <>
              <MenuButton
                icon="pencil"
                onClick={() => {
                  close();
                  setDialog("rename");
                }}
                text={history.rename}
              />
              <MenuButton
                icon="trash"
                onClick={() => {
                  close();
                  setDialog("delete");
                }}
                text={common.delete}
              />
            </>
          )}
        </Disclosure>
      </div>
      {dialog === "rename" && (
        <RenameDialog item={item} onClose={() => setDialog(null)} title={title} />
      )}
      {dialog === "delete" && (
        <DeleteDialog active={active} item={item} onClose={() => setDialog(null)} title={title} />
      )}
    </li>
  );
}

interface DialogProps {
  item: ConversationSummary;
  title: string;
  onClose: () => void;
}

function RenameDialog({ item, title, onClose }: DialogProps) {
  const texts = useTexts();
  const session = useSession();
  const [text, setText] = useState(title);
  const [failure, setFailure] = useState<unknown>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    try {
      await session.rename(item.id, text.trim());
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

function DeleteDialog({ item, title, active, onClose }: DialogProps & { active: boolean }) {
  const texts = useTexts();
  const session = useSession();
  const [failure, setFailure] = useState<unknown>(null);

  const remove = async () => {
    try {
      await session.remove(item.id);
      if (active) showConversation(null, "replace");
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
