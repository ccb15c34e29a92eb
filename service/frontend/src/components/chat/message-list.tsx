"use client";

import { startTransition, useEffect, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { rechunk } from "@/lib/chat/chunks";
import type { Conversation, Message } from "@/lib/chat/state";
import { Sight } from "@/lib/sight";
import { MessageChunk } from "./message-chunk";
import { useSoughtMessage } from "./use-sought-message";

/** Messages in a chunk: as many as are drawn, or not, together. */
const CHUNK = 6;
/** So many of the last chunks are there at once, and the last of them in full. */
const AT_ONCE = 4;
const IN_FULL = 2;
/** Where a browser doesn't keep the place when something above it gets higher, so many stay as they are. */
const STEADY = 20;
/** So many more with each step after that. */
const STEP = 50;

interface Props {
  conversation: Conversation;
  /** What scrolls. */
  frame: Element | null;
  /** A message that was searched for is to be read: stay there. */
  onSought: () => void;
}

/** The messages in order, made from the last one backwards: there may be thousands. */
export function MessageList({ conversation, frame, onSought }: Props) {
  const { chat } = useTexts();
  const chunks = useChunks(conversation.messages);
  const [steady] = useState(keepsPlace() ? chunks.length : chunks.length - STEADY);
  const [full] = useState(Math.min(steady, chunks.length - IN_FULL));
  const [first, setFirst] = useState(Math.max(0, Math.min(full, chunks.length - AT_ONCE)));
  const sight = useSight(frame);
  useSoughtMessage(conversation, first, onSought);

  useEffect(() => {
    if (first > 0) startTransition(() => setFirst(Math.max(0, first - STEP)));
  }, [first]);

  const last = conversation.messages.at(-1) ?? null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: between a list and its <li> there can be no chunk.
    <div aria-label={chat.conversation} role="list">
      {chunks.map((messages, index) =>
        index < first ? null : (
          <MessageChunk
            atOnce={index >= full}
            conversationId={conversation.id}
            key={messages[0]?.key}
            last={index === chunks.length - 1 ? last : null}
            messages={messages}
            sight={index >= steady ? null : sight}
            steady={index >= steady}
          />
        ),
      )}
    </div>
  );
}

/** Whether what one reads stays where it is while the heights above it change: Safari doesn't. */
function keepsPlace(): boolean {
  return CSS.supports("overflow-anchor", "auto");
}

function useChunks(messages: readonly Message[]): (readonly Message[])[] {
  const before = useRef<(readonly Message[])[]>([]);
  before.current = rechunk(before.current, messages, CHUNK);
  return before.current;
}

function useSight(frame: Element | null): Sight | null {
  const [sight, setSight] = useState<Sight | null>(null);
  useEffect(() => {
    if (frame === null) return;
    const made = new Sight(frame, startTransition);
    setSight(made);
    return () => made.end();
  }, [frame]);
  return sight;
}
