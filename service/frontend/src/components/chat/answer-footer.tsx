"use client";

import { useTexts } from "@/components/preferences";
import { IconButton } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { fill } from "@/i18n";
import type { Message } from "@/lib/chat/state";
import { focusComposer, useChat, useSession } from "./chat-context";
import type { Versions } from "./use-versions";

interface Props {
  /** What is shown: the answer itself, or one that it has replaced. */
  message: Message;
  versions: Versions;
  /** Ask for another answer; null where that can't be. */
  onRegenerate: (() => void) | null;
}

/** What can be done with an answer, and where it came from. */
export function AnswerFooter({ message, versions, onRegenerate }: Props) {
  const { chat } = useTexts();
  const model = useChat((state) => state.models.find(({ id }) => id === message.modelId));
  const tokens = message.usage?.completion_tokens;
  const details = [
    model?.label,
    typeof tokens === "number" ? fill(chat.tokens, { count: tokens }) : undefined,
  ].filter(Boolean);
  return (
    <div className="-ms-2 mt-2 flex flex-wrap items-center gap-x-1 text-[0.8125rem] text-quiet">
      {versions.count > 1 && <VersionSwitch versions={versions} />}
      {message.content !== "" && (
        <CopyButton label={chat.copyAnswer} text={() => message.content} />
      )}
      {onRegenerate !== null && (
        <button
          className="inline-flex h-8 items-center gap-1.5 rounded-lg px-2 transition-colors hover:bg-hover hover:text-ink"
          onClick={onRegenerate}
          type="button"
        >
          <Icon name="retry" size={15} />
          {chat.regenerate}
        </button>
      )}
      <span className="min-w-0 truncate ps-2">{details.join(" · ")}</span>
    </div>
  );
}

function VersionSwitch({ versions }: { versions: Versions }) {
  const { chat } = useTexts();
  const { index, count, show, busy, failed } = versions;
  const place = { number: index + 1, count };
  return (
    <fieldset aria-busy={busy} className="flex items-center">
      <legend className="sr-only">{chat.versions}</legend>
      <IconButton
        className="size-8 disabled:opacity-40"
        disabled={index === 0}
        icon="back"
        label={chat.versionBefore}
        onClick={() => show(index - 1)}
        size={16}
      />
      <span className="min-w-9 text-center tabular-nums" role="status">
        <span aria-hidden="true">{`${place.number} / ${count}`}</span>
        <span className="sr-only">{failed ? chat.versionFailed : fill(chat.version, place)}</span>
      </span>
      <IconButton
        className="size-8 disabled:opacity-40"
        disabled={index === count - 1}
        icon="forward"
        label={chat.versionAfter}
        onClick={() => show(index + 1)}
        size={16}
      />
      {failed && <span className="text-danger">{chat.versionFailed}</span>}
    </fieldset>
  );
}

/** Have an answer anew; the focus, whose button goes, moves to the field where Escape stops it. */
export function useRegenerate(conversationId: string, message: Message): () => void {
  const session = useSession();
  return () => {
    void session.regenerate(conversationId, message.key);
    focusComposer();
  };
}
