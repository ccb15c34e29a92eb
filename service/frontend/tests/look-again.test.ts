import { describe, expect, it } from "vitest";
import { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StoredConversation, StoredMessage } from "@/lib/api/types";
import { storedMessage, summaryOf } from "./fixtures";
import { sessionOn } from "./scripted-session";

const FIRST = [storedMessage("u", "user", "hello"), storedMessage("m", "assistant", "good day")];
const NEXT = [storedMessage("u2", "user", "and?"), storedMessage("m2", "assistant", "well")];

class StoringApi extends ApiClient {
  messages: StoredMessage[] | null = FIRST;
  readonly resumed: string[] = [];

  constructor() {
    super("");
  }

  override async conversation(): Promise<StoredConversation> {
    if (this.messages === null) throw new ApiError(404, "conversation_not_found", "none");
    return { ...summaryOf("c"), messages: this.messages };
  }

  override async *resumeAnswer(id: string) {
    this.resumed.push(id);
    yield { type: "token" as const, text: "!" };
    yield { type: "done" as const, status: "complete" as const };
  }
}

async function setUp() {
  const all = sessionOn(new StoringApi());
  await all.session.conversations.open("c");
  return { ...all, shown: () => all.messages().map(({ content }) => content) };
}

describe("coming back to a conversation", () => {
  it("shows what was asked and answered elsewhere meanwhile", async () => {
    const { api, session, shown } = await setUp();
    api.messages = [...FIRST, ...NEXT];
    await session.conversations.lookAgain("c");
    expect(shown()).toEqual(["hello", "good day", "and?", "well"]);
  });

  it("reads an answer on that is being written there", async () => {
    const { api, session, shown } = await setUp();
    const written = { ...storedMessage("m2", "assistant", "we"), status: "running" as const };
    api.messages = [...FIRST, storedMessage("u2", "user", "and?"), written];
    await session.conversations.lookAgain("c");
    expect(api.resumed).toEqual(["m2"]);
    expect(shown()?.at(-1)).toBe("we!");
  });

  it("draws nothing anew where all is the same", async () => {
    const { session, store } = await setUp();
    const before = store.getState();
    await session.conversations.lookAgain("c");
    expect(store.getState()).toBe(before);
  });

  it("takes away nothing that is gone elsewhere: somebody may be writing below it", async () => {
    const { api, session, shown } = await setUp();
    api.messages = null;
    await session.conversations.lookAgain("c");
    expect(shown()).toEqual(["hello", "good day"]);
  });
});
