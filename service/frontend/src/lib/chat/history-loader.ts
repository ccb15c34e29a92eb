import type { ApiClient } from "@/lib/api/client";
import type { ConversationPage } from "@/lib/api/types";
import type { ChatStore } from "./store";

/** As many as the backend lists at once; more pins than that are no help to anybody. */
const MOST_AT_ONCE = 100;

/** How often the list is fetched anew where it has changed here while it was on its way. */
const MOST_ATTEMPTS = 3;

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
    const listed = () => String(this.store.getState().history.items.map(({ id }) => id));
    try {
      let page: ConversationPage;
      let before: string;
      let attempts = 0;
      // A conversation that was begun or deleted while the list was on its way would be as if it hadn't been.
      do {
        before = listed();
        attempts += 1;
        page = await this.api.conversations({ pinned: false });
        const pinned = await this.api.conversations({ pinned: true, limit: MOST_AT_ONCE });
        page.items.unshift(...pinned.items);
      } while (listed() !== before && attempts < MOST_ATTEMPTS);
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
