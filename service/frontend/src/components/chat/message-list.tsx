"use client";

import { memo } from "react";
import { useTexts } from "@/components/preferences";
import type { Conversation, Message } from "@/lib/chat/state";
import { Answer } from "./answer";
import { AttachmentList } from "./attachment-list";

/** The messages in order. Each is memoised: while one answer grows, the others are not rendered. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { chat } = useTexts();
  const last = conversation.messages.at(-1);
  return (
    <ol aria-label={chat.conversation} className="space-y-7">
      {conversation.messages.map((message) => (
        <li key={message.key}>
          {message.role === "user" ? (
            <Question message={message} />
          ) : (
            <Answer conversationId={conversation.id} last={message === last} message={message} />
          )}
        </li>
      ))}
    </ol>
  );
}

const Question = memo(function Question({ message }: { message: Message }) {
  const { chat } = useTexts();
  return (
    <article aria-label={chat.you} className="flex flex-col items-end gap-2">
      <AttachmentList attachments={message.attachments} />
      {message.content !== "" && (
        <p className="max-w-[85%] rounded-3xl rounded-se-lg bg-soft px-4 py-2.5 leading-relaxed break-words whitespace-pre-wrap">
          {message.content}
        </p>
      )}
    </article>
  );
});
