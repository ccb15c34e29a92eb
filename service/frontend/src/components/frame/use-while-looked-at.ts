"use client";

import { useEffect } from "react";
import { whileLookedAt } from "@/lib/looked-at";

const EVERY_MS = 60_000;

/** Act whenever somebody comes back to the tab, and every minute while it is seen; `act` must stay the same function. */
export function useWhileLookedAt(act: () => void): void {
  useEffect(() => whileLookedAt(act, EVERY_MS), [act]);
}
