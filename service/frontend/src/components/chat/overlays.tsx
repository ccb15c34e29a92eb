"use client";

import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { shortcutOf } from "@/lib/shortcuts";
import { showConversation } from "./chat-context";

/** What may lie over the chat; fetched when it is first wanted. */
const OVERLAYS = {
  search: lazy(() => import("@/components/search/palette")),
  settings: lazy(() => import("./settings-dialog")),
  archive: lazy(() => import("./archive-dialog")),
  shortcuts: lazy(() => import("./shortcuts-dialog")),
};

export type Overlay = keyof typeof OVERLAYS;

const OverlayContext = createContext<((overlay: Overlay) => void) | null>(null);

/** Show what lies over the chat, when a button or a shortcut asks for it. */
export function Overlays({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Overlay | null>(null);
  // At once, so that the focus may go to what an open dialog keeps it from.
  const close = useCallback(() => flushSync(() => setShown(null)), []);
  const Shown = shown === null ? null : OVERLAYS[shown];

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      // A dialog that was opened by something else is answered first.
      const asked = document.querySelector("dialog[open]") !== null;
      if (shortcut === null || (asked && shown === null)) return;
      event.preventDefault();
      if (shortcut === "search" || shortcut === "shortcuts") {
        setShown(shown === shortcut ? null : shortcut);
        return;
      }
      close();
      if (shortcut === "newChat") showConversation(null);
      document.getElementById("message")?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [shown, close]);

  return (
    <OverlayContext value={setShown}>
      {children}
      {Shown !== null && (
        <Suspense fallback={null}>
          <Shown key={shown} onClose={close} />
        </Suspense>
      )}
    </OverlayContext>
  );
}

export function useOverlay(): (overlay: Overlay) => void {
  const show = useContext(OverlayContext);
  if (show === null) throw new Error("useOverlay outside of Overlays");
  return show;
}
