"use client";

import { useRouter } from "next/navigation";
import { useUser } from "@/components/account/user-context";
import { showConversation } from "@/components/chat/chat-context";
import { useOverlay } from "@/components/chat/overlays";
import { usePreferences, useTexts } from "@/components/preferences";
import type { IconName } from "@/components/ui/icon";

export interface Command {
  id: string;
  icon: IconName;
  text: string;
  run: () => void;
}

/** What the palette offers besides conversations. */
export function useCommands(): Command[] {
  const { account, history, shortcuts, search, tuning } = useTexts();
  const { setTheme } = usePreferences();
  const { is_admin: admin } = useUser();
  const router = useRouter();
  const show = useOverlay();
  const newChat = () => {
    showConversation(null);
    document.getElementById("message")?.focus();
  };
  const pages: Command[] = [
    {
      id: "settings",
      icon: "sliders",
      text: account.settings,
      run: () => router.push("/settings"),
    },
  ];
  if (admin) {
    const run = () => router.push("/admin");
    pages.push({ id: "admin", icon: "people", text: account.administration, run });
  }
  return [
    { id: "new", icon: "compose", text: history.newChat, run: newChat },
    { id: "model", icon: "sliders", text: tuning.title, run: () => show("settings") },
    { id: "archive", icon: "archive", text: history.archived, run: () => show("archive") },
    ...pages,
    { id: "dark", icon: "moon", text: search.dark, run: () => setTheme("dark") },
    { id: "light", icon: "sun", text: search.light, run: () => setTheme("light") },
    { id: "keys", icon: "keyboard", text: shortcuts.title, run: () => show("shortcuts") },
  ];
}
