"use client";

import { useMemo, useState } from "react";
import { useUser } from "@/components/account/user-context";
import { browserStorage, Drafts } from "@/lib/chat/drafts";

interface Draft {
  text: string;
  setText: (text: string) => void;
  /** Have a text again that was sent in vain, unless another one has been begun meanwhile. */
  putBack: (conversationId: string, text: string) => void;
}

/** What is being written in a conversation; it outlives going elsewhere, and the page. */
export function useDraft(conversationId: string | null): Draft {
  const user = useUser();
  const drafts = useMemo(() => new Drafts(browserStorage(), user.id), [user.id]);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const write = (id: string | null, next: string) => {
    drafts.write(id, next);
    setTexts((all) => ({ ...all, [id ?? ""]: next }));
  };
  return {
    text: texts[conversationId ?? ""] ?? drafts.read(conversationId),
    setText: (next) => write(conversationId, next),
    putBack: (id, next) => {
      if (drafts.read(id) === "") write(id, next);
    },
  };
}
