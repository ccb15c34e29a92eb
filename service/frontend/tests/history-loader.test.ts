import { describe, expect, it } from "vitest";
import type { ApiClient } from "@/lib/api/client";
import type { ConversationPage, ConversationQuery } from "@/lib/api/types";
import { HistoryLoader } from "@/lib/chat/history-loader";
import { ChatStore } from "@/lib/chat/store";
import { summaryOf } from "./fixtures";

/** A list of conversations "c0", "c1" … in pages of two; each page waits until it is let go. */
class Pages {
  readonly asked: (string | null)[] = [];
  failing = false;
  private waiting: (() => void)[] = [];

  constructor(private readonly count: number) {}

  async conversations({ before = null, pinned }: ConversationQuery): Promise<ConversationPage> {
    if (pinned === true) return { items: [], next: null };
    this.asked.push(before);
    if (before !== null) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failing) throw new Error("no connection");
    const from = Number(before ?? 0);
    const items = [from, from + 1]
      .filter((number) => number < this.count)
      .map((number) => summaryOf(`c${number}`));
    return { items, next: from + 2 < this.count ? String(from + 2) : null };
  }

  letGo(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

async function loaded(count: number) {
  const store = new ChatStore();
  const pages = new Pages(count);
  const loader = new HistoryLoader(pages as unknown as ApiClient, store, () => undefined);
  await loader.load();
  const titles = () => store.getState().history.items.map(({ id }) => id);
  return { store, pages, loader, titles };
}

describe("the history, page by page", () => {
  it("goes on where it ended, to the end", async () => {
    const { pages, loader, titles, store } = await loaded(5);
    for (const expected of [4, 5]) {
      const more = loader.loadMore();
      pages.letGo();
      expect(await more).toBe(true);
      expect(titles()).toHaveLength(expected);
    }
    expect(titles()).toEqual(["c0", "c1", "c2", "c3", "c4"]);
    expect(store.getState().history.next).toBeNull();
    expect(await loader.loadMore()).toBe(true);
    expect(pages.asked).toHaveLength(3);
  });

  it("asks for a page once, however often it is wanted meanwhile", async () => {
    const { pages, loader, titles } = await loaded(5);
    const more = [loader.loadMore(), loader.loadMore(), loader.loadMore()];
    pages.letGo();
    await Promise.all(more);
    expect(pages.asked).toEqual([null, "2"]);
    expect(titles()).toHaveLength(4);
  });

  it("says that a page could not be had, keeps the others, and gets it the next time", async () => {
    const { pages, loader, titles } = await loaded(5);
    pages.failing = true;
    const failed = loader.loadMore();
    pages.letGo();
    expect(await failed).toBe(false);
    expect(titles()).toEqual(["c0", "c1"]);
    pages.failing = false;
    const more = loader.loadMore();
    pages.letGo();
    expect(await more).toBe(true);
    expect(titles()).toHaveLength(4);
  });
});

describe("the history, while it is on its way", () => {
  /** A backend that answers with what it knew when it was asked; something happens before each of the first answers. */
  function setUp(...happenings: ((store: ChatStore, stored: string[]) => void)[]) {
    const store = new ChatStore();
    const stored = ["c0", "c1"];
    let asked = 0;
    const api = {
      async conversations({ pinned }: ConversationQuery): Promise<ConversationPage> {
        const items = pinned === true ? [] : stored.map((id) => summaryOf(id));
        if (pinned !== true) {
          asked += 1;
          happenings.shift()?.(store, stored);
        }
        return { items, next: null };
      },
    };
    const loader = new HistoryLoader(api as unknown as ApiClient, store, () => undefined);
    const listed = () => store.getState().history.items.map(({ id }) => id);
    return { loader, listed, asked: () => asked };
  }

  const begin = (id: string) => (store: ChatStore, stored: string[]) => {
    stored.unshift(id);
    store.dispatch({ type: "conversation/created", summary: summaryOf(id) });
  };

  it("loses no conversation that was begun meanwhile", async () => {
    const { loader, listed, asked } = setUp(begin("new"));
    await loader.load();
    expect(listed()).toEqual(["new", "c0", "c1"]);
    expect(asked()).toBe(2);
  });

  it("asks no more than three times", async () => {
    const { loader, listed, asked } = setUp(...["n1", "n2", "n3", "n4"].map(begin));
    await loader.load();
    expect(asked()).toBe(3);
    expect(listed()).toEqual(["n2", "n1", "c0", "c1"]);
  });
});
