"use client";

import { useMemo, useState } from "react";
import { usePreferences, useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import { type Dictionary, LANGUAGE_TAGS } from "@/i18n";
import { groupByDay, type Period } from "@/lib/chat/groups";
import type { HistorySection } from "@/lib/chat/history-rows";
import { textForError } from "@/lib/error-text";
import { useChat, useSession } from "./chat-context";
import { HistoryRows } from "./history-rows";
import { useOverlay } from "./overlays";

/** The history grouped by day, the pinned ones first, and the way to the archive. */
export function HistoryList({ onNavigate }: { onNavigate: () => void }) {
  const texts = useTexts();
  const { history, common } = texts;
  const session = useSession();
  const load = useChat((state) => state.history.load);
  const show = useOverlay();
  const [failure, setFailure] = useState<unknown>(null);
  const sections = useSections();

  return (
    <nav aria-label={history.title} className="flex min-h-0 flex-1 flex-col">
      {load === "failed" && (
        <div className="space-y-3 px-5 py-4 text-sm text-quiet">
          <p role="alert">{history.failed}</p>
          <Button onClick={() => void session.history.load()}>{common.retry}</Button>
        </div>
      )}
      {failure !== null && (
        <div className="px-3">
          <Notice kind="problem">{textForError(texts, failure)}</Notice>
        </div>
      )}
      {load === "loading" && <HistorySkeleton />}
      {load === "ready" && sections.length === 0 && (
        <p className="px-5.5 py-4 text-sm text-quiet">{history.empty}</p>
      )}
      {sections.length > 0 ? (
        <HistoryRows onFailure={setFailure} onNavigate={onNavigate} sections={sections} />
      ) : (
        <div className="flex-1" />
      )}
      {load === "ready" && (
        <button
          className="mx-3 my-1.5 flex min-h-9 shrink-0 items-center gap-3 rounded-lg px-2.5 text-start text-sm text-quiet transition-colors hover:bg-hover hover:text-ink"
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

function useSections(): HistorySection[] {
  const { history } = useTexts();
  const { locale } = usePreferences();
  const items = useChat((state) => state.history.items);
  return useMemo(() => {
    const pinned = items.filter((item) => item.pinned);
    const others = items.filter((item) => !item.pinned);
    const sections: HistorySection[] = groupByDay(others, new Date()).map((group) => ({
      id: group.period,
      title: periodName(group.period, history, LANGUAGE_TAGS[locale]),
      items: group.items,
    }));
    if (pinned.length === 0) return sections;
    return [{ id: "pinned", title: history.pinned, items: pinned }, ...sections];
  }, [items, history, locale]);
}

function HistorySkeleton() {
  const { common } = useTexts();
  return (
    <div className="space-y-3 px-5.5 py-5">
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
