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
  const dated = items.map((item) => ({ item, at: Date.parse(item.updated_at) }));
  // There may be thousands: their calendar is asked only where a period begins.
  let begin = Number.POSITIVE_INFINITY;
  for (const { item, at } of dated.sort((a, b) => b.at - a.at)) {
    const last = groups.at(-1);
    if (last !== undefined && at >= begin) {
      last.items.push(item);
      continue;
    }
    const date = new Date(at);
    const period = periodOf(date, now);
    begin = beginOf(period, date, now);
    groups.push({ period, items: [item] });
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

/** When the period of a date began, on the reader's clock. */
function beginOf(period: Period, date: Date, now: Date): number {
  const daysAgo = (days: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
  if (period === "today") return daysAgo(0);
  if (period === "yesterday") return daysAgo(1);
  if (period === "week") return daysAgo(7);
  if (period === "month") return daysAgo(30);
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime();
}

/** Number of the local calendar day; through UTC, so that a day of 23 hours still counts as one. */
function calendarDay(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
