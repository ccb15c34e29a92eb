"use client";

import { useTexts } from "@/components/preferences";
import { type Conversation, runningAnswer } from "@/lib/chat/state";
import { Answer } from "./answer";
import { Question } from "./question";

/** The element of a message, for going there. */
export function messageElementId(id: string): string {
  return `message-${id}`;
}

/** The messages in order. Each is memoised: while one answer grows, the others are not rendered. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { chat } = useTexts();
  const last = conversation.messages.at(-1);
  const running = runningAnswer(conversation) !== null;
  return (
    <ol aria-label={chat.conversation} className="space-y-7">
      {conversation.messages.map((message) => (
        <li
          className="scroll-mt-4 rounded-2xl outline-none"
          id={messageElementId(message.id ?? message.key)}
          key={message.key}
          tabIndex={-1}
        >
          {message.role === "user" ? (
            <Question conversationId={conversation.id} message={message} running={running} />
          ) : (
            <Answer conversationId={conversation.id} last={message === last} message={message} />
          )}
        </li>
      ))}
    </ol>
  );
}
