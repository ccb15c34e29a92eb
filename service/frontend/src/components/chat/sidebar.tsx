"use client";

import { useMemo, useState } from "react";
import { UserMenu } from "@/components/account/user-menu";
import { usePreferences, useTexts } from "@/components/preferences";
import { Button, IconButton } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Keys } from "@/components/ui/keys";
import { Notice } from "@/components/ui/notice";
import { type Dictionary, LANGUAGE_TAGS } from "@/i18n";
import { groupByDay, type Period } from "@/lib/chat/groups";
import { textForError } from "@/lib/error-text";
import { SHORTCUT_KEYS } from "@/lib/shortcuts";
import { showConversation, useChat, useConversationId, useSession } from "./chat-context";
import { HistoryItem } from "./history-item";
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

function HistoryList({ onNavigate }: { onNavigate: () => void }) {
  const texts = useTexts();
  const { history, common } = texts;
  const { locale } = usePreferences();
  const session = useSession();
  const list = useChat((state) => state.history);
  const current = useConversationId();
  const show = useOverlay();
  const [failure, setFailure] = useState<unknown>(null);
  const pinned = useMemo(() => list.items.filter((item) => item.pinned), [list.items]);
  const groups = useMemo(
    () =>
      groupByDay(
        list.items.filter((item) => !item.pinned),
        new Date(),
      ),
    [list.items],
  );
  const sections = groups.map(({ period, items }) => ({
    id: period as string,
    title: periodName(period, history, LANGUAGE_TAGS[locale]),
    items,
  }));
  if (pinned.length > 0) sections.unshift({ id: "pinned", title: history.pinned, items: pinned });

  return (
    <nav aria-label={history.title} className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
      {list.load === "loading" && <HistorySkeleton />}
      {list.load === "failed" && (
        <div className="space-y-3 px-2 py-4 text-sm text-quiet">
          <p role="alert">{history.failed}</p>
          <Button onClick={() => void session.loadHistory()}>{common.retry}</Button>
        </div>
      )}
      {list.load === "ready" && sections.length === 0 && (
        <p className="px-2 py-4 text-sm text-quiet">{history.empty}</p>
      )}
      {failure !== null && <Notice kind="problem">{textForError(texts, failure)}</Notice>}
      {sections.map((section) => (
        <section aria-labelledby={`period-${section.id}`} key={section.id}>
          <h2
            className="px-2.5 pt-4 pb-1.5 text-xs font-medium text-quiet"
            id={`period-${section.id}`}
          >
            {section.title}
          </h2>
          <ul>
            {section.items.map((item) => (
              <HistoryItem
                active={item.id === current}
                item={item}
                key={item.id}
                onFailure={setFailure}
                onNavigate={onNavigate}
              />
            ))}
          </ul>
        </section>
      ))}
      {list.next !== null && (
        <Button className="mt-3 w-full text-sm" onClick={() => void session.loadHistory(list.next)}>
          {common.loadMore}
        </Button>
      )}
      {list.load === "ready" && (
        <button
          className="mt-4 flex min-h-9 w-full items-center gap-3 rounded-lg px-2.5 text-start text-sm text-quiet transition-colors hover:bg-hover hover:text-ink"
          onClick={() => {
            onNavigate();
            show("archive");
          }}
          type="button"
        >
          <Icon name="archive" size={16} />
          {history.archived}
        </button>
      )}
    </nav>
  );
}

function HistorySkeleton() {
  const { common } = useTexts();
  return (
    <div className="space-y-3 px-2.5 py-5">
      <span className="sr-only">{common.loading}</span>
      {["w-4/5", "w-3/5", "w-2/3"].map((width) => (
        <div className={`h-3.5 animate-pulse rounded bg-hover ${width}`} key={width} />
      ))}
    </div>
  );
}

function periodName(period: Period, history: Dictionary["history"], language: string): string {
  if (period === "today" || period === "yesterday" || period === "week" || period === "month") {
    return history[period];
  }
  const [year, month] = period.split("-").map(Number);
  const format = new Intl.DateTimeFormat(language, { year: "numeric", month: "long" });
  return format.format(new Date(year ?? 0, (month ?? 1) - 1, 1));
}
