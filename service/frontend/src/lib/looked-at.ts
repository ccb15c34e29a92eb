/** What of a tab has to be known; the tests have one of their own. */
export interface Tab {
  document: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;
  window: Pick<Window, "addEventListener" | "removeEventListener">;
}

/** Coming back to a tab is told twice: it is seen, and it has the keyboard. */
const ONCE_MS = 1_000;

/**
 * Act whenever somebody comes back to the tab, and, unless `everyMs` is null, every so often while it is seen.
 * Returns what ends that.
 */
export function whileLookedAt(
  act: () => void,
  everyMs: number | null,
  tab: Tab = { document, window },
): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const look = () => {
    const now = Date.now();
    if (tab.document.visibilityState !== "visible" || now - last < ONCE_MS) return;
    last = now;
    act();
  };
  const timer = everyMs === null ? undefined : setInterval(look, everyMs);
  tab.document.addEventListener("visibilitychange", look);
  tab.window.addEventListener("focus", look);
  return () => {
    clearInterval(timer);
    tab.document.removeEventListener("visibilitychange", look);
    tab.window.removeEventListener("focus", look);
  };
}
