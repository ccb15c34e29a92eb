"use client";

import {
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
  useEffect,
  useRef,
  useState,
} from "react";
import { preloadMarkdown } from "@/components/markdown/lazy-markdown";
import { useTexts } from "@/components/preferences";
import { IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { fill } from "@/i18n";
import type { Attachment } from "@/lib/api/types";
import { isImage, selectedModelId } from "@/lib/chat/state";
import { isPlainEnter } from "@/lib/keys";
import { useChat } from "./chat-context";
import { UploadChips } from "./upload-chips";
import { useDraft } from "./use-draft";
import type { Uploads } from "./use-uploads";

/** The backend takes no more files with a message, nor one that is longer. */
const MAX_FILES = 10;
const MAX_CHARACTERS = 400_000;

/** A message on its way. */
export interface Sent {
  conversationId: string;
  /** False once it was refused as it is, or by a limit: it then comes back to the field. */
  accepted: Promise<boolean>;
}

interface Props {
  conversationId: string | null;
  running: boolean;
  uploads: Uploads;
  /** Null when the message could not be taken: it then stays in the field. */
  onSend: (content: string, attachments: Attachment[]) => Promise<Sent | null>;
  onStop: (() => void) | null;
}

/** The field for the next message: Enter sends, Shift+Enter begins a line, Escape stops the answer. */
export function Composer({ conversationId, running, uploads, onSend, onStop }: Props) {
  const { chat } = useTexts();
  const { text, setText, take, putBack } = useDraft(conversationId);
  const [sendings, setSendings] = useState<readonly (string | null)[]>([]);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);

  const attachments = uploads.items.map((item) => item.attachment).filter((item) => item !== null);
  const blind = useChat((state) => {
    const id = selectedModelId(state, conversationId);
    const model = state.models.find((known) => known.id === id);
    return model?.vision === false && attachments.some(isImage);
  });
  const empty = text.trim() === "" && attachments.length === 0;
  const tooMany = attachments.length > MAX_FILES;
  const tooLong = text.length > MAX_CHARACTERS && [...text].length > MAX_CHARACTERS;
  const blocked =
    empty || tooMany || tooLong || running || sendings.includes(conversationId) || uploads.pending;

  // A finger on a phone asks for the keyboard by touching the field, not by opening a page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation asks for the focus anew.
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [conversationId]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (blocked) return;
    const files = uploads.items;
    setSendings((before) => [...before, conversationId]);
    const sent = await onSend(text.trim(), attachments);
    setSendings((before) => before.filter((id) => id !== conversationId));
    if (sent === null) return;
    take(text, sent.conversationId);
    uploads.take(files, sent.conversationId);
    if (await sent.accepted) return;
    putBack(sent.conversationId, text);
    uploads.putBack(sent.conversationId, files);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && running) onStop?.();
    if (!isPlainEnter(event)) return;
    event.preventDefault();
    void submit();
  };

  const onPaste = (event: ClipboardEvent) => {
    const { files, types } = event.clipboardData;
    // What is copied from a document or a table brings a picture of itself along: its text is meant.
    const isText = types.includes("text/plain") && types.includes("text/html");
    if (files.length === 0 || isText) return;
    event.preventDefault();
    uploads.add([...files]);
  };

  return (
    <form
      className="rounded-3xl border border-line bg-raised p-2 shadow-float transition-colors focus-within:border-field"
      onSubmit={submit}
    >
      <UploadChips uploads={uploads} />
      {blind && (
        <p className="px-3 pb-1 text-sm text-quiet" role="status">
          {chat.noVision}
        </p>
      )}
      {tooMany && (
        <p className="px-3 pb-1 text-sm text-danger" role="status">
          {fill(chat.tooManyFiles, { count: MAX_FILES })}
        </p>
      )}
      {tooLong && (
        <p className="px-3 pb-1 text-sm text-danger" role="status">
          {fill(chat.tooLong, { count: MAX_CHARACTERS.toLocaleString("en") })}
        </p>
      )}
      <label className="sr-only" htmlFor="message">
        {chat.message}
      </label>
      <textarea
        className="block max-h-[min(20rem,40dvh)] w-full resize-none bg-transparent px-3 pt-2 pb-1 text-base leading-relaxed outline-none placeholder:text-quiet"
        dir="auto"
        enterKeyHint="send"
        id="message"
        onChange={(event) => {
          preloadMarkdown();
          setText(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        placeholder={chat.placeholder}
        ref={field}
        rows={1}
        value={text}
      />
      <div className="flex items-center justify-between pt-1">
        <IconButton
          icon="clip"
          label={chat.attach}
          onClick={() => picker.current?.click()}
          round
          size={19}
        />
        <input
          accept="image/*,text/*,.md,.csv,.json,.log,.py,.ts,.js,.yaml,.yml,.toml"
          aria-label={chat.attach}
          className="hidden"
          multiple
          onChange={(event) => {
            uploads.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
          ref={picker}
          type="file"
        />
        {running ? (
          <button
            aria-label={chat.stop}
            className="grid size-9 place-content-center rounded-full bg-ink text-page transition-opacity hover:opacity-85"
            onClick={() => onStop?.()}
            title={chat.stop}
            type="button"
          >
            <span className="size-3 rounded-[3px] bg-page" />
          </button>
        ) : (
          <button
            aria-label={chat.send}
            className="grid size-9 place-content-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-soft disabled:text-quiet"
            disabled={blocked}
            title={chat.send}
            type="submit"
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
