"use client";

import { SignedIn } from "@/components/account/signed-in";
import { ChatProvider } from "./chat-context";
import { ChatShell } from "./chat-shell";

/** The chat of whoever is logged in. */
export function ChatPage() {
  return (
    <SignedIn>
      <ChatProvider>
        <ChatShell />
      </ChatProvider>
    </SignedIn>
  );
}
