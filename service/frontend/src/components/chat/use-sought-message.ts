"use client";

import { useEffect } from "react";
import type { Conversation } from "@/lib/chat/state";
import { useChat, useStore } from "./chat-context";
import { messageElementId } from "./message-list";

/** Go to the message that was searched for, once its conversation is there, and let it be seen. */
export function useSoughtMessage(conversation: Conversation | undefined, hold: () => void): void {
  const store = useStore();
  const sought = useChat((state) => state.sought);

  useEffect(() => {
    if (sought === null || sought.conversationId !== conversation?.id) return;
    const element = document.getElementById(messageElementId(sought.messageId));
    if (element === null) return;
    store.dispatch({ type: "message/found" });
    hold();
    element.scrollIntoView({ block: "start" });
    element.focus({ preventScroll: true });
    const colour = getComputedStyle(element).getPropertyValue("--color-mark");
    element.animate({ backgroundColor: [colour, colour, "transparent"] }, 1_800);
  }, [sought, conversation, hold, store]);
}
