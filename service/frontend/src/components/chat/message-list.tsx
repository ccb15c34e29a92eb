"use client";

import { useTexts } from "@/components/preferences";
import { type Conversation, runningAnswer } from "@/lib/chat/state";
import { Answer } from "./answer";
import { Question } from "./question";

/** The messages in order. Each is memoised: while one answer grows, the others are not rendered. */
export function MessageList({ conversation }: { conversation: Conversation }) {
  const { chat } = useTexts();
  const last = conversation.messages.at(-1);
  const running = runningAnswer(conversation) !== null;
  return (
    <ol aria-label={chat.conversation} className="space-y-7">
      {conversation.messages.map((message) => (
        <li key={message.key}>
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
