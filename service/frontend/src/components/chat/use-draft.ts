"use client";

import { useMemo, useState } from "react";
import { useUser } from "@/components/account/user-context";
import { browserStorage, Drafts } from "@/lib/chat/drafts";

/** What is being written in a conversation; it outlives going elsewhere, and the page. */
export function useDraft(conversationId: string | null): [string, (text: string) => void] {
  const user = useUser();
  const drafts = useMemo(() => new Drafts(browserStorage(), user.id), [user.id]);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const key = conversationId ?? "";
  const text = texts[key] ?? drafts.read(conversationId);
  const setText = (next: string) => {
    drafts.write(conversationId, next);
    setTexts((all) => ({ ...all, [key]: next }));
  };
  return [text, setText];
}
