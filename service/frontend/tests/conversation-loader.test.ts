import { describe, expect, it } from "vitest";
import { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { OutgoingMessage, StoredConversation, StoredMessage } from "@/lib/api/types";
import { storedMessage, summaryOf } from "./fixtures";
import { sessionOn } from "./scripted-session";

const FIRST = [storedMessage("u", "user", "hello"), storedMessage("m", "assistant", "good day")];
const START: StreamEvent = { type: "start", userMessageId: "u2", messageId: "m2", title: null };

/** A backend whose conversations arrive as they were when they were asked for, but only once they are let go. */
class SlowApi extends ApiClient {
  messages: StoredMessage[] = FIRST;
  failing = false;
  private waiting: (() => void)[] = [];

  constructor() {
    super("");
  }

  letGo(count = this.waiting.length): void {
    for (const resolve of this.waiting.splice(0, count)) resolve();
  }

  override async conversation(): Promise<StoredConversation> {
    const answer = { ...summaryOf("c"), messages: this.messages };
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failing) throw new ApiError(0, "network", "none");
    return answer;
  }

  override async *streamAnswer(_id: string, { content }: OutgoingMessage) {
    const question = storedMessage("u2", "user", content);
    this.messages = [...this.messages, question, storedMessage("m2", "assistant", "well")];
    yield START;
    yield { type: "token" as const, text: "well" };
    yield { type: "done" as const, status: "complete" as const };
  }
}

function setUp() {
  const all = sessionOn(new SlowApi());
  return { ...all, shown: () => all.messages().map(({ content }) => content) };
}

async function opened() {
  const all = setUp();
  const opening = all.session.conversations.open("c");
  all.api.letGo();
  await opening;
  return all;
}

describe("a question asked while its conversation is on its way", () => {
  it("waits for it: it would be lost in what arrives", async () => {
    const { api, session } = setUp();
    const opening = session.conversations.open("c");
    let takes: boolean | null = null;
    const asking = session.conversations.takesQuestions("c").then((it) => {
      takes = it;
    });
    await Promise.resolve();
    expect(takes).toBeNull();
    api.letGo();
    await Promise.all([opening, asking]);
    expect(takes).toBe(true);
  });

  it("is not asked where it can't be had", async () => {
    const { api, session } = setUp();
    api.failing = true;
    const opening = session.conversations.open("c");
    const asking = session.conversations.takesQuestions("c");
    api.letGo();
    await opening;
    expect(await asking).toBe(false);
  });

  it("is not asked where an answer turns out to be written in it", async () => {
    const { api, session } = setUp();
    api.messages = [...FIRST, storedMessage("m2", "assistant", "we", { status: "running" })];
    void session.conversations.open("c");
    const asking = session.conversations.takesQuestions("c");
    api.letGo();
    expect(await asking).toBe(false);
  });

  it("is asked at once where the conversation is here and only looked at again", async () => {
    const { session } = await opened();
    void session.conversations.open("c");
    expect(await session.conversations.takesQuestions("c")).toBe(true);
  });
});

describe("a conversation that is come back to while it is on its way", () => {
  it("is shown, though it couldn't be had the first time", async () => {
    const { api, session, shown } = setUp();
    const first = session.conversations.open("c");
    const second = session.conversations.open("c");
    api.failing = true;
    api.letGo(1);
    await first;
    api.failing = false;
    api.letGo();
    await second;
    expect(shown()).toEqual(["hello", "good day"]);
  });
});

describe("what arrives of a conversation too late", () => {
  it.each(["open", "lookAgain"] as const)(
    "after %s takes away no exchange that came between",
    async (look) => {
      const { api, session, shown } = await opened();
      api.messages = [...FIRST, storedMessage("u9", "user", "from a phone")];
      const looking = session.conversations[look]("c");
      expect(await session.send("c", "and?", [])).toBe(true);
      api.letGo();
      await looking;
      expect(shown()).toEqual(["hello", "good day", "and?", "well"]);
    },
  );

  it("doubles no question that is still on its way", async () => {
    const { api, session, shown } = await opened();
    const sending = session.send("c", "and?", []);
    const looking = session.conversations.open("c");
    await sending;
    api.letGo();
    await looking;
    expect(shown()).toEqual(["hello", "good day", "and?", "well"]);
  });

  it("is shown where nothing happened here meanwhile", async () => {
    const { api, session, shown } = await opened();
    api.messages = [...FIRST, storedMessage("u9", "user", "from a phone")];
    const looking = session.conversations.open("c");
    api.letGo();
    await looking;
    expect(shown()).toEqual(["hello", "good day", "from a phone"]);
  });
});

describe("a conversation that was renamed here while it was on its way", () => {
  it.each(["open", "lookAgain"] as const)("keeps its new name after %s", async (look) => {
    const { api, store, session } = await opened();
    api.messages = [...FIRST, storedMessage("u9", "user", "from a phone")];
    const looking = session.conversations[look]("c");
    store.dispatch({
      type: "conversation/changed",
      summary: summaryOf("c", { title: "Spring", pinned: true }),
    });
    api.letGo();
    await looking;
    expect(store.getState().conversations.c?.messages).toHaveLength(3);
    expect(store.getState().conversations.c?.summary).toMatchObject({
      title: "Spring",
      pinned: true,
    });
  });
});
