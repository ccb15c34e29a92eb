"use client";

import { memo } from "react";
import { LazyMarkdown } from "@/components/markdown/lazy-markdown";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import type { Message } from "@/lib/chat/state";
import { detailForCode, textForCode } from "@/lib/error-text";
import { AnswerFooter, useRegenerate } from "./answer-footer";
import { focusComposer, useSession } from "./chat-context";
import { Reasoning } from "./reasoning";
import { useVersions } from "./use-versions";

interface Props {
  message: Message;
  conversationId: string;
  /** Only the last answer can be asked for again. */
  last: boolean;
}

/** An answer: its reasoning, its text, how it ended and what can be done with it. */
export const Answer = memo(function Answer({ message, conversationId, last }: Props) {
  const { chat } = useTexts();
  const regenerate = useRegenerate(conversationId, message);
  const versions = useVersions(message);
  const { shown } = versions;
  const running = message.status === "running";
  const waiting = running && message.content === "" && message.reasoning === "";
  const ended = shown.status === "error" || shown.status === "interrupted";
  return (
    <article
      aria-busy={running}
      aria-label={chat.assistant}
      className="min-w-0"
      data-held={shown === message ? undefined : ""}
    >
      {shown.reasoning !== "" && (
        <Reasoning text={shown.reasoning} thinking={running && shown.content === ""} />
      )}
      {waiting && <Waiting />}
      {shown.content !== "" && <LazyMarkdown source={shown.content} streaming={running} />}
      {shown.status === "stopped" && <p className="mt-3 text-sm text-quiet">{chat.stopped}</p>}
      {ended && (
        <AnswerFailure
          conversationId={conversationId}
          last={last && shown === message}
          message={shown}
        />
      )}
      {!running && (shown.content !== "" || versions.count > 1 || shown.status === "stopped") && (
        <AnswerFooter
          message={shown}
          onRegenerate={last && message.id !== null ? regenerate : null}
          versions={versions}
        />
      )}
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
            onClick={() => {
              void session.retry(conversationId, message.key);
              focusComposer();
            }}
          >
            <Icon name="retry" size={16} />
            {texts.common.retry}
          </Button>
        )}
      </Notice>
    </div>
  );
}
