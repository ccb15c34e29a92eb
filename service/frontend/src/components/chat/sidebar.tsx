"use client";

import { UserMenu } from "@/components/account/user-menu";
import { useTexts } from "@/components/preferences";
import { IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Keys } from "@/components/ui/keys";
import { SHORTCUT_KEYS } from "@/lib/shortcuts";
import { showConversation } from "./chat-context";
import { HistoryList } from "./history-list";
import { useOverlay } from "./overlays";

interface Props {
  drawerOpen: boolean;
  /** Something was chosen, or the reader wants back: a drawer closes. */
  onNavigate: () => void;
}

/** New chat, the history grouped by day, and the account. A drawer on a phone. */
export function Sidebar({ drawerOpen, onNavigate }: Props) {
  const { app, history, search } = useTexts();
  const show = useOverlay();
  return (
    <aside
      aria-label={history.title}
      className={`flex w-72 shrink-0 flex-col border-e border-line bg-side max-md:fixed max-md:inset-y-0 max-md:start-0 max-md:z-40 max-md:w-[min(19rem,85vw)] max-md:transition-transform ${
        drawerOpen ? "max-md:shadow-float" : "max-md:invisible max-md:-translate-x-full"
      }`}
    >
      <div className="flex h-14 shrink-0 items-center gap-2.5 ps-4 pe-2 pt-[env(safe-area-inset-top)]">
        {/* biome-ignore lint/performance/noImgElement: a static SVG needs no optimising. */}
        <img alt="" className="size-6" height={24} src="/icon.svg" width={24} />
        <span className="flex-1 font-semibold tracking-tight">{app.name}</span>
        <IconButton className="md:hidden" icon="close" label={history.close} onClick={onNavigate} />
      </div>
      <div className="space-y-1 px-3 pt-1 pb-2">
        <button
          className="flex min-h-10 w-full items-center gap-3 rounded-xl border border-line bg-page px-3 font-medium transition-colors hover:bg-hover"
          onClick={() => {
            showConversation(null);
            onNavigate();
            document.getElementById("message")?.focus();
          }}
          type="button"
        >
          <Icon className="text-accent" name="compose" />
          {history.newChat}
        </button>
        <button
          className="group flex min-h-10 w-full items-center gap-3 rounded-xl px-3 transition-colors hover:bg-hover"
          onClick={() => {
            onNavigate();
            show("search");
          }}
          type="button"
        >
          <Icon className="text-quiet" name="search" />
          {search.open}
          <span aria-hidden="true" className="ms-auto pointer-coarse:hidden">
            <Keys keys={SHORTCUT_KEYS.search} />
          </span>
        </button>
      </div>
      <HistoryList onNavigate={onNavigate} />
      <div className="border-t border-line p-2 pb-[max(0.5rem,env(safe-area-inset-bottom))]">
        <UserMenu />
      </div>
    </aside>
  );
}
