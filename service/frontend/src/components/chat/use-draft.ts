"use client";

import { useEffect, useMemo, useRef, useState } from "react";
import { useUser } from "@/components/account/user-context";
import { browserStorage, Drafts, putBefore } from "@/lib/chat/drafts";
import { unsentQuestion } from "@/lib/chat/state";
import { useChat } from "./chat-context";

interface Draft {
  text: string;
  setText: (text: string) => void;
  /** Take a text that was sent; what was typed after it meanwhile goes along to where it was sent. */
  take: (sent: string, conversationId: string) => void;
  /** Have a text again that was sent in vain, before what has been begun meanwhile. */
  putBack: (conversationId: string, text: string) => void;
}

/** What is being written in a conversation, or was sent in vain; it outlives going elsewhere, and the page. */
export function useDraft(conversationId: string | null): Draft {
  const user = useUser();
  const drafts = useMemo(() => new Drafts(browserStorage(), user.id), [user.id]);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const newest = useRef(texts);
  const unsent = useUnsent(drafts, conversationId);
  const write = (id: string | null, next: string) => {
    drafts.write(id, next);
    if (unsent === null) drafts.writeUnsent(id, "");
    newest.current = { ...newest.current, [id ?? ""]: next };
    setTexts(newest.current);
  };
  return {
    text:
      texts[conversationId ?? ""] ??
      (drafts.read(conversationId) || drafts.readUnsent(conversationId)),
    setText: (next) => write(conversationId, next),
    take: (sent, target) => {
      const now = newest.current[conversationId ?? ""] ?? sent;
      if (target !== conversationId) write(conversationId, "");
      write(target, now.startsWith(sent) ? now.slice(sent.length) : now);
    },
    putBack: (id, next) => {
      // Whoever has left the page and come back may have begun something in another field than this one.
      write(id, putBefore(next, newest.current[id] || drafts.read(id)));
    },
  };
}

/** Keep the question that never arrived until it does; return it while it is on the page. */
function useUnsent(drafts: Drafts, conversationId: string | null): string | null {
  const unsent = useChat((state) =>
    conversationId === null ? null : unsentQuestion(state.conversations[conversationId]),
  );
  const keptFor = useRef<string | null>(null);
  useEffect(() => {
    if (unsent !== null) {
      drafts.writeUnsent(conversationId, unsent);
      keptFor.current = conversationId;
    } else if (keptFor.current !== null && keptFor.current === conversationId) {
      drafts.writeUnsent(conversationId, "");
      keptFor.current = null;
    }
  }, [drafts, conversationId, unsent]);
  return unsent;
}
