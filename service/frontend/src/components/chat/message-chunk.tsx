"use client";

import { memo, useEffect, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { estimatedHeight } from "@/lib/chat/estimate";
import type { Message } from "@/lib/chat/state";
import type { Sight } from "@/lib/sight";
import { Answer } from "./answer";
import { Question } from "./question";

/** The element of a message, for going there. */
export function messageElementId(id: string): string {
  return `message-${id}`;
}

interface Props {
  messages: readonly Message[];
  conversationId: string;
  /** The last message of the conversation, if it is one of these. */
  last: Message | null;
  /** Whether they are drawn in full from the first moment. */
  atOnce: boolean;
  /** Whether they stay drawn, seen or not. */
  steady: boolean;
  sight: Sight | null;
}

/**
 * Some messages in a row: in full where somebody may see them soon, else their mere text, which costs nearly
 * nothing and which the browser's own search and a screen reader find all the same. Memoised: while one
 * answer grows, the others are not rendered.
 */
export const MessageChunk = memo(function MessageChunk(props: Props) {
  const { messages, conversationId, last, atOnce, steady, sight } = props;
  const element = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(atOnce);

  useEffect(() => {
    const chunk = element.current;
    if (chunk === null || sight === null) return;
    return sight.await(chunk, !near, (now) => {
      if (now || !inUse(chunk)) setNear(now);
    });
  }, [near, sight]);

  const full = near || messages.at(-1)?.status === "running";
  const height = messages.reduce((sum, message) => sum + estimatedHeight(message), 0);
  return (
    <div
      className={`-mx-4 -mb-2 px-4 pb-2 md:-mx-6 md:px-6 ${steady ? "" : "[content-visibility:auto]"}`}
      ref={element}
      style={{ containIntrinsicBlockSize: `auto ${height}px` }}
    >
      {messages.map((message) => (
        // biome-ignore lint/a11y/useSemanticElements: between a list and its <li> there can be no chunk.
        <div
          className="-mx-3 scroll-mt-2 rounded-2xl px-3 py-3 outline-none"
          id={messageElementId(message.id ?? message.key)}
          key={message.key}
          role="listitem"
          tabIndex={-1}
        >
          {!full ? (
            <MereText message={message} />
          ) : message.role === "user" ? (
            <Question conversationId={conversationId} message={message} />
          ) : (
            <Answer conversationId={conversationId} last={message === last} message={message} />
          )}
        </div>
      ))}
    </div>
  );
});

function MereText({ message }: { message: Message }) {
  const { chat } = useTexts();
  const user = message.role === "user";
  return (
    <article aria-label={user ? chat.you : chat.assistant}>
      <div
        className={
          user
            ? "ms-auto w-fit max-w-[85%] px-4 py-2.5 leading-relaxed break-words whitespace-pre-wrap"
            : "markdown whitespace-pre-wrap"
        }
      >
        {message.content}
      </div>
    </article>
  );
}

/** Whether the focus or the selection is in it, or something that would be lost if it were drawn anew. */
function inUse(element: Element): boolean {
  if (element.contains(document.activeElement)) return true;
  if (element.querySelector("[data-held]") !== null) return true;
  const selection = document.getSelection();
  return selection?.isCollapsed === false && selection.containsNode(element, true);
}
