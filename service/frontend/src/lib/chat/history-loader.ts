import type { ApiClient } from "@/lib/api/client";
import type { ChatStore } from "./store";

/** As many as the backend lists at once; more pins than that are no help to anybody. */
const MOST_AT_ONCE = 100;

/** Fetch the list of conversations, page by page. */
export class HistoryLoader {
  private asked: string | null = null;

  constructor(
    private readonly api: ApiClient,
    private readonly store: ChatStore,
    private readonly noticeSignOut: (error: unknown) => void,
  ) {}

  /** Fetch the pinned ones and the first page of the others. */
  async load(): Promise<void> {
    try {
      const page = await this.api.conversations({ pinned: false });
      const pinned = await this.api.conversations({ pinned: true, limit: MOST_AT_ONCE });
      page.items.unshift(...pinned.items);
      this.store.dispatch({ type: "history/loaded", page, append: false });
    } catch (error) {
      this.noticeSignOut(error);
      this.store.dispatch({ type: "history/failed" });
    }
  }

  /** Fetch what follows what is there, a page at a time; false where that failed. */
  async loadMore(): Promise<boolean> {
    const before = this.store.getState().history.next;
    if (before === null || before === this.asked) return true;
    this.asked = before;
    try {
      const wanted = { before, pinned: false, limit: MOST_AT_ONCE };
      const page = await this.api.conversations(wanted);
      // The list may have been fetched anew meanwhile.
      if (this.store.getState().history.next === before) {
        this.store.dispatch({ type: "history/loaded", page, append: true });
      }
      return true;
    } catch (error) {
      this.noticeSignOut(error);
      return false;
    } finally {
      this.asked = null;
    }
  }
}
