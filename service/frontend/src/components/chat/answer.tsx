"use client";

import { memo } from "react";
import { LazyMarkdown } from "@/components/markdown/lazy-markdown";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { fill } from "@/i18n";
import type { Message } from "@/lib/chat/state";
import { detailForCode, textForCode } from "@/lib/error-text";
import { useChat, useSession } from "./chat-context";
import { Reasoning } from "./reasoning";

interface Props {
  message: Message;
  conversationId: string;
  /** Only the last answer can be asked for again. */
  last: boolean;
}

/** An answer: its reasoning, its text, how it ended and what can be done with it. */
export const Answer = memo(function Answer({ message, conversationId, last }: Props) {
  const { chat } = useTexts();
  const running = message.status === "running";
  const waiting = running && message.content === "" && message.reasoning === "";
  return (
    <article aria-busy={running} aria-label={chat.assistant} className="min-w-0">
      {message.reasoning !== "" && (
        <Reasoning text={message.reasoning} thinking={running && message.content === ""} />
      )}
      {waiting && <Waiting />}
      {message.content !== "" && <LazyMarkdown source={message.content} streaming={running} />}
      {message.status === "stopped" && <p className="mt-3 text-sm text-quiet">{chat.stopped}</p>}
      {(message.status === "error" || message.status === "interrupted") && (
        <AnswerFailure conversationId={conversationId} last={last} message={message} />
      )}
      {!running && message.content !== "" && <AnswerFooter message={message} />}
    </article>
  );
});

function Waiting() {
  const { chat } = useTexts();
  return (
    <p className="flex items-center gap-1.5 py-1.5">
      <span className="sr-only">{chat.waiting}</span>
      {["", "[animation-delay:160ms]", "[animation-delay:320ms]"].map((delay) => (
        <span
          aria-hidden="true"
          className={`size-2 animate-pulse rounded-full bg-quiet ${delay}`}
          key={delay}
        />
      ))}
    </p>
  );
}

function AnswerFailure({ message, conversationId, last }: Props) {
  const texts = useTexts();
  const session = useSession();
  const { failure } = message;
  const detail = failure === null ? null : detailForCode(failure.code, failure.message);
  const text = () => {
    if (failure !== null) return textForCode(texts, failure.code, failure.message);
    return message.status === "interrupted" ? texts.chat.interrupted : texts.errors.unknown;
  };
  return (
    <div className="mt-3 max-w-xl">
      <Notice kind="problem">
        <p>{text()}</p>
        {detail !== null && <p className="mt-1 text-xs break-words">{detail}</p>}
        {last && (failure?.retryable ?? true) && (
          <Button
            className="mt-2.5 text-ink"
            onClick={() => void session.retry(conversationId, message.key)}
          >
            <Icon name="retry" size={16} />
            {texts.common.retry}
          </Button>
        )}
      </Notice>
    </div>
  );
}

function AnswerFooter({ message }: { message: Message }) {
  const { chat } = useTexts();
  const model = useChat((state) => state.models.find(({ id }) => id === message.modelId));
  const tokens = message.usage?.completion_tokens;
  const details = [
    model?.label,
    typeof tokens === "number" ? fill(chat.tokens, { count: tokens }) : undefined,
  ].filter(Boolean);
  return (
    <div className="-ms-2 mt-2 flex items-center gap-2 text-[0.8125rem] text-quiet">
      <CopyButton label={chat.copyAnswer} text={() => message.content} />
      <span className="min-w-0 truncate">{details.join(" · ")}</span>
    </div>
  );
}
