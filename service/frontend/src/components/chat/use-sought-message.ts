"use client";

import { useEffect } from "react";
import type { Conversation } from "@/lib/chat/state";
import { useChat, useStore } from "./chat-context";
import { messageElementId } from "./message-chunk";

/**
 * Go to the message that was searched for, once it is there, and let it be seen. `first` is the first of the
 * conversation's messages that is.
 */
export function useSoughtMessage(
  conversation: Conversation,
  first: number,
  hold: () => void,
): void {
  const store = useStore();
  const sought = useChat((state) => state.sought);

  // biome-ignore lint/correctness/useExhaustiveDependencies: more messages are there than a moment ago.
  useEffect(() => {
    if (sought === null || sought.conversationId !== conversation.id) return;
    const element = document.getElementById(messageElementId(sought.messageId));
    if (element === null) return;
    // After the other effects of this moment, one of which puts the focus into the message field.
    queueMicrotask(() => {
      if (store.getState().sought !== sought) return;
      store.dispatch({ type: "message/found" });
      hold();
      element.scrollIntoView({ block: "start" });
      element.focus({ preventScroll: true });
      const colour = getComputedStyle(element).getPropertyValue("--color-mark");
      element.animate({ backgroundColor: [colour, colour, "transparent"] }, 1_800);
    });
  }, [sought, conversation, first, hold, store]);
}
