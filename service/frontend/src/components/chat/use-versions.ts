"use client";

import { useState } from "react";
import type { Message } from "@/lib/chat/state";
import { useSession } from "./chat-context";

export interface Versions {
  /** What is shown of an answer. */
  shown: Message;
  index: number;
  count: number;
  show: (index: number) => void;
  busy: boolean;
  failed: boolean;
}

/** Flip through the answers that one has replaced; they are fetched when somebody wants to see them. */
export function useVersions(message: Message): Versions {
  const session = useSession();
  const [earlier, setEarlier] = useState<Message[] | null>(null);
  const [wanted, setWanted] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const newest = earlier?.length ?? message.earlier;
  const index = wanted ?? newest;

  const show = (next: number) => {
    setFailed(false);
    setWanted(next >= newest ? null : next);
    if (earlier !== null || message.id === null) return;
    session.earlierAnswers(message.id).then(setEarlier, () => {
      setFailed(true);
      setWanted(null);
    });
  };

  const shown = earlier?.[index] ?? message;
  const busy = wanted !== null && earlier === null;
  return { shown, index, count: newest + 1, show, busy, failed };
}
