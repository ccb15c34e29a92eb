"use client";

import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { type HistoryRow, type HistorySection, neighbour, rowsOf } from "@/lib/chat/history-rows";
import { useChat, useConversationId, useSession } from "./chat-context";
import { HistoryItem, historyLinkId } from "./history-item";

const HEADING_PX = 36;
const ITEM_PX = 39;
/** Lines beyond the visible ones that are there, too. */
const OVERSCAN = 10;
/** So many lines before the end, what follows is fetched. */
const AHEAD = 60;

interface Props {
  sections: readonly HistorySection[];
  onNavigate: () => void;
  onFailure: (error: unknown) => void;
}

/**
 * The conversations, of which only those in view are elements of the page: there may be thousands.
 * One of them is reached by Tab, the others from there by the arrow keys.
 */
export function HistoryRows({ sections, onNavigate, onFailure }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(sections), [sections]);
  const indexes = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows]);
  const focus = useRovingFocus(rows, indexes);
  const kept = indexes.get(focus.stop ?? "");

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: (index) => (rows[index]?.kind === "heading" ? HEADING_PX : ITEM_PX),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    // What has the focus, or will have it next, stays where it is even out of sight.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      if (kept === undefined || shown.includes(kept)) return shown;
      return [...shown, kept].sort((a, b) => a - b);
    },
  });
  const more = useMore(rows.length - (virtualizer.range?.endIndex ?? 0) < AHEAD);

  let end = 0;
  const groups: {
    section: HistorySection;
    lines: { row: HistoryRow; index: number; gap: number }[];
  }[] = [];
  for (const { index, start, end: next } of virtualizer.getVirtualItems()) {
    const row = rows[index];
    if (row === undefined) continue;
    if (groups.at(-1)?.section !== row.section) groups.push({ section: row.section, lines: [] });
    groups.at(-1)?.lines.push({ row, index, gap: start - end });
    end = next;
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveElementInteractions: see below.
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are pressed on the links within.
    <div
      className="min-h-0 flex-1 overflow-y-auto px-3 pb-3"
      onFocus={focus.onFocus}
      onKeyDown={focus.onKeyDown}
      ref={frame}
    >
      <div className="flow-root" style={{ minHeight: virtualizer.getTotalSize() }}>
        {groups.map(({ section, lines }) => (
          <section aria-label={section.title} key={section.id}>
            {lines.map(
              ({ row, index, gap }) =>
                row.kind === "heading" && (
                  <h2
                    className="px-2.5 pt-3.5 pb-1.5 text-xs font-medium text-quiet"
                    data-index={index}
                    key={row.key}
                    ref={virtualizer.measureElement}
                    style={{ marginTop: gap }}
                  >
                    {section.title}
                  </h2>
                ),
            )}
            <ul>
              {lines.map(
                ({ row, index, gap }) =>
                  row.kind === "item" && (
                    <HistoryItem
                      active={row.key === focus.current}
                      gap={gap}
                      index={index}
                      item={row.item}
                      key={row.key}
                      measure={virtualizer.measureElement}
                      onFailure={onFailure}
                      onNavigate={onNavigate}
                      place={row.place}
                      places={
                        more.next !== null && section === sections.at(-1)
                          ? -1
                          : section.items.length
                      }
                      stop={row.key === focus.stop}
                    />
                  ),
              )}
            </ul>
          </section>
        ))}
      </div>
      {more.next !== null && <MoreButton failed={more.failed} onClick={more.load} />}
    </div>
  );
}

function MoreButton({ failed, onClick }: { failed: boolean; onClick: () => void }) {
  const { common, history } = useTexts();
  return (
    <>
      {failed && (
        <p className="px-2.5 pt-3 text-sm text-quiet" role="alert">
          {history.failed}
        </p>
      )}
      <Button className="mt-3 w-full text-sm" onClick={onClick}>
        {common.loadMore}
      </Button>
    </>
  );
}

/** Fetch what follows as soon as it is nearly wanted; after a failure only when asked to. */
function useMore(wanted: boolean) {
  const session = useSession();
  const next = useChat((state) => state.history.next);
  const [failed, setFailed] = useState(false);
  const load = useCallback(() => {
    setFailed(false);
    session.history.loadMore().then((done) => setFailed(!done));
  }, [session]);

  useEffect(() => {
    if (wanted && next !== null && !failed) load();
  }, [wanted, next, failed, load]);

  return { next, failed, load };
}

/** Which conversation Tab reaches: the one that had the focus last, else the one that is shown, else the first. */
function useRovingFocus(rows: readonly HistoryRow[], indexes: ReadonlyMap<string, number>) {
  const current = useConversationId();
  const [last, setLast] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const first = rows.find((row) => row.kind === "item")?.key ?? null;
  const stop = [last, current].find((key) => key !== null && indexes.has(key)) ?? first;

  // It may have to be made first.
  useEffect(() => {
    if (wanted.current === null) return;
    const link = document.getElementById(historyLinkId(wanted.current));
    if (link === null) return;
    wanted.current = null;
    link.focus();
  });

  const idOf = (target: EventTarget) =>
    target instanceof Element ? (target.closest("li")?.dataset.id ?? null) : null;
  const onFocus = (event: { target: EventTarget }) => {
    const id = idOf(event.target);
    if (id !== null) setLast(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const id = idOf(event.target);
    if (id === null || !(event.target instanceof HTMLAnchorElement)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const next = neighbour(rows, id, event.key);
    if (next === null) return;
    event.preventDefault();
    wanted.current = next;
    setLast(next);
  };

  return { current, stop, onFocus, onKeyDown };
}
