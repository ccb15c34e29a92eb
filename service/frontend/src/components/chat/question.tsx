"use client";

import { type FormEvent, type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { Button, IconButton } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { type Message, runningAnswer } from "@/lib/chat/state";
import { isPlainEnter } from "@/lib/keys";
import { AttachmentList } from "./attachment-list";
import { focusComposer, useChat, useSession, useStore } from "./chat-context";

interface Props {
  message: Message;
  conversationId: string;
}

/** A question, which can be copied, or asked in other words. */
export const Question = memo(function Question({ message, conversationId }: Props) {
  const { chat } = useTexts();
  const session = useSession();
  const store = useStore();
  const [begun, setBegun] = useState<string | null>(null);
  const refused = useChat((state) => {
    const edit = state.conversations[conversationId]?.refusedEdit;
    return edit?.questionKey === message.key ? edit.content : null;
  });
  const edited = begun ?? refused;
  const editing = edited !== null;
  const pencil = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  // While an answer is being written no question can be changed.
  const running = useChat((state) => runningAnswer(state.conversations[conversationId]) !== null);

  useEffect(() => {
    if (wasEditing.current && !editing) pencil.current?.focus();
    wasEditing.current = editing;
  }, [editing]);

  const end = () => {
    setBegun(null);
    if (refused !== null) store.dispatch({ type: "edit/ended", conversationId });
  };
  const submit = (content: string) => {
    wasEditing.current = false;
    end();
    focusComposer();
    if (content !== message.content) void session.edit(conversationId, message.key, content);
  };

  return (
    <article aria-label={chat.you} className="group flex flex-col items-end gap-2">
      <AttachmentList attachments={message.attachments} />
      {editing ? (
        <EditForm
          begun={edited}
          blocked={running}
          message={message}
          onCancel={end}
          onSubmit={submit}
        />
      ) : (
        <>
          {message.content !== "" && (
            <p
              className="max-w-[85%] rounded-3xl rounded-se-lg bg-soft px-4 py-2.5 leading-relaxed break-words whitespace-pre-wrap"
              dir="auto"
            >
              {message.content}
            </p>
          )}
          {message.id !== null && (
            <div className="-mt-1 -mb-6 flex items-center transition-opacity pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100">
              {message.content !== "" && (
                <CopyButton compact label={chat.copyQuestion} text={() => message.content} />
              )}
              <IconButton
                className="size-8 disabled:opacity-40"
                disabled={running}
                icon="pencil"
                label={chat.edit}
                onClick={() => setBegun(message.content)}
                ref={pencil}
                size={15}
              />
            </div>
          )}
        </>
      )}
    </article>
  );
});

interface EditProps {
  /** What the field begins with: the question, or the words that were sent in its place in vain. */
  begun: string;
  /** An answer is being written, perhaps to a question that was asked since. */
  blocked: boolean;
  message: Message;
  onSubmit: (content: string) => void;
  onCancel: () => void;
}

function EditForm({ begun, blocked, message, onSubmit, onCancel }: EditProps) {
  const { chat, common } = useTexts();
  const [text, setText] = useState(begun);
  const field = useRef<HTMLTextAreaElement>(null);
  const empty = text.trim() === "" && message.attachments.length === 0;

  useEffect(() => {
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!empty && !blocked) onSubmit(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onCancel();
    }
    if (!isPlainEnter(event)) return;
    event.preventDefault();
    submit();
  };

  return (
    <form
      className="w-full rounded-3xl border border-line bg-raised p-3 shadow-float focus-within:border-field"
      data-held
      onSubmit={submit}
    >
      <textarea
        aria-describedby={`edit-${message.key}`}
        aria-label={chat.editLabel}
        className="field-sizing-content block max-h-[40dvh] min-h-16 w-full resize-none bg-transparent px-2 py-1 text-base leading-relaxed outline-none"
        dir="auto"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        ref={field}
        rows={3}
        value={text}
      />
      <div className="flex flex-wrap items-center justify-end gap-2 pt-2">
        <p className="me-auto px-2 text-xs text-quiet" id={`edit-${message.key}`}>
          {chat.editHint}
        </p>
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button disabled={empty || blocked} look="primary" type="submit">
          {chat.send}
        </Button>
      </div>
    </form>
  );
}
