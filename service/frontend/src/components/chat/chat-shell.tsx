"use client";

import { useCallback, useEffect, useState } from "react";
import { useTexts } from "@/components/preferences";
import { IconButton } from "@/components/ui/button";
import { whileLookedAt } from "@/lib/looked-at";
import { showConversation, useConversationId, useSession } from "./chat-context";
import { ConversationTools } from "./conversation-tools";
import { ConversationView } from "./conversation-view";
import { ModelPicker } from "./model-picker";
import { ModelTrouble } from "./model-trouble";
import { Overlays } from "./overlays";
import { Sidebar } from "./sidebar";

/** The frame of the chat: the history beside the conversation, or over it on a phone. */
export function ChatShell() {
  const { app, history } = useTexts();
  const session = useSession();
  const conversationId = useConversationId();
  const [drawerOpen, setDrawerOpen] = useState(false);
  const closeDrawer = useCallback(() => setDrawerOpen(false), []);

  useEffect(() => {
    if (conversationId !== null) void session.conversations.open(conversationId);
  }, [session, conversationId]);

  useEffect(() => {
    if (conversationId === null) return;
    return whileLookedAt(() => void session.conversations.lookAgain(conversationId), null);
  }, [session, conversationId]);

  useEffect(() => {
    if (!drawerOpen) return;
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === "Escape") closeDrawer();
    };
    document.addEventListener("keydown", closeOnEscape);
    return () => document.removeEventListener("keydown", closeOnEscape);
  }, [drawerOpen, closeDrawer]);

  return (
    <Overlays>
      <div className="flex h-dvh overflow-hidden">
        <a
          className="absolute start-3 top-3 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
          href="#message"
        >
          {app.skipToContent}
        </a>
        <Sidebar drawerOpen={drawerOpen} onNavigate={closeDrawer} />
        {drawerOpen && (
          <button
            aria-label={history.close}
            className="fixed inset-0 z-30 bg-scrim md:hidden"
            onClick={closeDrawer}
            tabIndex={-1}
            type="button"
          />
        )}
        <main className="flex min-w-0 flex-1 flex-col" inert={drawerOpen}>
          <header className="flex h-14 shrink-0 items-center gap-1 px-2 pt-[env(safe-area-inset-top)] md:px-4">
            <IconButton
              aria-expanded={drawerOpen}
              className="md:hidden"
              icon="menu"
              label={history.open}
              onClick={() => setDrawerOpen(true)}
              size={20}
            />
            <h1 className="sr-only">{app.name}</h1>
            <ModelPicker conversationId={conversationId} />
            <ConversationTools conversationId={conversationId} />
            <IconButton
              className="md:hidden"
              icon="compose"
              label={history.newChat}
              onClick={() => showConversation(null)}
              size={20}
            />
          </header>
          <ModelTrouble conversationId={conversationId} />
          <ConversationView conversationId={conversationId} />
        </main>
      </div>
    </Overlays>
  );
}
