import type { ConversationSummary } from "@/lib/api/types";

/** A heading of the history: a relative span, or a month as `YYYY-MM`. */
export type Period = "today" | "yesterday" | "week" | "month" | `${number}-${number}`;

export interface HistoryGroup {
  period: Period;
  items: ConversationSummary[];
}

/** Group conversations, newest first, by the calendar days of the reader (not by 24-hour spans). */
export function groupByDay(items: readonly ConversationSummary[], now: Date): HistoryGroup[] {
  const groups: HistoryGroup[] = [];
  const sorted = items.toSorted((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at));
  for (const item of sorted) {
    const period = periodOf(new Date(item.updated_at), now);
    const last = groups.at(-1);
    if (last?.period === period) last.items.push(item);
    else groups.push({ period, items: [item] });
  }
  return groups;
}

function periodOf(date: Date, now: Date): Period {
  const days = calendarDay(now) - calendarDay(date);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  if (days <= 30) return "month";
  const month = String(date.getMonth() + 1).padStart(2, "0");
  return `${date.getFullYear()}-${month}` as Period;
}

/** Number of the local calendar day; through UTC, so that a day of 23 hours still counts as one. */
function calendarDay(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
