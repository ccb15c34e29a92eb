export interface Wait {
  unit: "seconds" | "minutes";
  count: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** What takes longer is told by the clock: nobody counts down an afternoon. */
const LONGEST_COUNTDOWN = 90;

/** How long it is until a moment, to be counted down; null where the time of day says more. */
export function waitUntil(until: number, now: number): Wait | null {
  const left = Math.max(0, until - now);
  const seconds = Math.ceil(left / SECOND_MS);
  if (seconds <= LONGEST_COUNTDOWN) return { unit: "seconds", count: seconds };
  const minutes = Math.ceil(left / MINUTE_MS);
  return minutes <= LONGEST_COUNTDOWN ? { unit: "minutes", count: minutes } : null;
}
