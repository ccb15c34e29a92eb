"use client";

import { usePathname, useRouter } from "next/navigation";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import { useUser } from "@/components/account/user-context";
import { useWhileLookedAt } from "@/components/frame/use-while-looked-at";
import { useApi } from "@/components/providers";
import { conversationPath } from "@/lib/chat/address";
import { browserStorage, Drafts } from "@/lib/chat/drafts";
import { ChatSession } from "@/lib/chat/session";
import type { ChatState } from "@/lib/chat/state";
import { ChatStore } from "@/lib/chat/store";
import { toLogIn } from "@/lib/way-back";

interface Chat {
  store: ChatStore;
  session: ChatSession;
}

const ChatContext = createContext<Chat | null>(null);

/** Hold the chat of one logged-in user. */
export function ChatProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const router = useRouter();
  const userId = useUser().id;

  const chat = useMemo(() => {
    const store = new ChatStore();
    const session = new ChatSession(api, store, {
      onSignedOut: () => router.replace(toLogIn()),
      onLost: (id, words) => new Drafts(browserStorage(), userId).putBack(id, words),
      now: () => new Date().toISOString(),
      nextFrame: onNextFrame,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
    return { store, session };
  }, [api, router, userId]);

  useEffect(() => {
    chat.session.enter();
    return () => chat.session.leave();
  }, [chat]);

  useWhileLookedAt(useCallback(() => void chat.session.loadModels(), [chat]));

  return <ChatContext value={chat}>{children}</ChatContext>;
}

function useChatContext(): Chat {
  const chat = useContext(ChatContext);
  if (chat === null) throw new Error("chat hook outside of ChatProvider");
  return chat;
}

export const useSession = (): ChatSession => useChatContext().session;
export const useStore = (): ChatStore => useChatContext().store;

/** Read from the chat's state; the selector must return a part of it, not a new object. */
export function useChat<T>(select: (state: ChatState) => T): T {
  const { store } = useChatContext();
  const snapshot = () => select(store.getState());
  return useSyncExternalStore(store.subscribe, snapshot, snapshot);
}

/** The id in the address, or null for a new chat. */
export function useConversationId(): string | null {
  return /^\/chat\/([^/]+)$/.exec(usePathname())?.[1] ?? null;
}

/** Show another conversation without asking the server for a page. */
export function showConversation(id: string | null): void {
  window.history.pushState(null, "", conversationPath(id));
}

/** Put the keyboard into the field for the next message, where there is one. */
export function focusComposer(): void {
  if (window.matchMedia("(pointer: fine)").matches) document.getElementById("message")?.focus();
}

/** Before the next repaint; a hidden tab has none, and its answers must go on all the same. */
function onNextFrame(callback: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(callback);
  else setTimeout(callback, 250);
}
