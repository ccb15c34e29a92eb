"use client";

import { useEffect, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { fill } from "@/i18n";
import { type Conversation, runningAnswer } from "@/lib/chat/state";

/** Longer answers are begun to be read out; the rest is in the page to be read at one's own pace. */
const SPOKEN_CHARACTERS = 2_000;

/**
 * Tell a screen reader when an answer begins, and read it out when it is complete. Each token as
 * it comes would be a stammer.
 */
export function Announcer({ conversation }: { conversation: Conversation | undefined }) {
  const { chat } = useTexts();
  const [text, setText] = useState("");
  const awaited = useRef<string | null>(null);
  const running = runningAnswer(conversation);
  const runningKey = running?.key ?? null;

  useEffect(() => {
    if (runningKey !== null) {
      awaited.current = runningKey;
      setText(chat.answering);
      return;
    }
    const answer = conversation?.messages.find((message) => message.key === awaited.current);
    awaited.current = null;
    // A failure is announced by the notice that shows it.
    setText(
      answer && answer.status !== "error"
        ? fill(chat.answered, { text: answer.content.slice(0, SPOKEN_CHARACTERS) })
        : "",
    );
  }, [runningKey, conversation, chat]);

  return (
    <div className="sr-only" role="status">
      {text}
    </div>
  );
}
