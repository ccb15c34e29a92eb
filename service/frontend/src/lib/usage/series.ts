import type { Figures } from "@/lib/api/account";

export interface DayFigures extends Figures {
  /** As `2026-11-28`, in UTC: so does the backend count days. */
  day: string;
}

const MILLISECONDS_OF_A_DAY = 86_400_000;

/** Sum up by day and put in the days without any use, the oldest first. */
export function fillDays(rows: readonly DayFigures[], count: number, now: Date): DayFigures[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  const days = new Map<string, DayFigures>();
  for (let back = count - 1; back >= 0; back -= 1) {
    const day = new Date(today - back * MILLISECONDS_OF_A_DAY).toISOString().slice(0, 10);
    days.set(day, { day, ...NOTHING });
  }
  for (const row of rows) {
    const sum = days.get(row.day);
    if (sum !== undefined) days.set(row.day, { day: row.day, ...added(sum, row) });
  }
  return [...days.values()];
}

export function tokensOf(figures: Figures): number {
  return figures.prompt_tokens + figures.completion_tokens;
}

export function totalOf(rows: readonly Figures[]): Figures {
  return rows.reduce<Figures>(added, NOTHING);
}

/** The next round number that a scale can end with and that halves well; at least 10. */
export function roundedUp(value: number): number {
  if (value <= 10) return 10;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 3, 4, 6, 8].find((step) => step * power >= value) ?? 10) * power;
}

const NOTHING: Figures = { requests: 0, prompt_tokens: 0, completion_tokens: 0 };

function added(a: Figures, b: Figures): Figures {
  return {
    requests: a.requests + b.requests,
    prompt_tokens: a.prompt_tokens + b.prompt_tokens,
    completion_tokens: a.completion_tokens + b.completion_tokens,
  };
}
