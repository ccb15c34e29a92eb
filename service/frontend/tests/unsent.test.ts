import { describe, expect, it } from "vitest";
import { Drafts } from "@/lib/chat/drafts";
import { type ChatAction, chatReducer } from "@/lib/chat/reducer";
import { initialChatState, unsentQuestion } from "@/lib/chat/state";
import { ASKED, summaryOf } from "./fixtures";

const SENT: ChatAction[] = [{ type: "conversation/created", summary: summaryOf("c") }, ASKED];
const FAILED: ChatAction = {
  type: "answer/failed",
  conversationId: "c",
  answerKey: "k2",
  failure: { code: "network", message: "", retryable: true },
};
const START: ChatAction = {
  type: "answer/events",
  conversationId: "c",
  answerKey: "k2",
  events: [{ type: "start", userMessageId: "u", messageId: "m", title: null }],
};

function unsentAfter(...actions: ChatAction[]): string | null {
  return unsentQuestion(actions.reduce(chatReducer, initialChatState).conversations.c);
}

describe("a question that was sent in vain", () => {
  it("is one that failed before it arrived", () => {
    expect(unsentAfter(...SENT)).toBeNull();
    expect(unsentAfter(...SENT, FAILED)).toBe("hello");
    expect(unsentAfter(...SENT, START, FAILED)).toBeNull();
    expect(unsentAfter()).toBeNull();
  });

  it("is kept beside what is being written, until it has arrived", () => {
    const items = new Map<string, string>();
    const storage = {
      length: 0,
      key: () => null,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    };
    const drafts = new Drafts(storage, "u1");
    drafts.writeUnsent("c", "hello");
    drafts.write("c", "and then?");
    expect(drafts.readUnsent("c")).toBe("hello");
    expect(drafts.read("c")).toBe("and then?");
    drafts.writeUnsent("c", "");
    expect(drafts.readUnsent("c")).toBe("");
    expect(drafts.read("c")).toBe("and then?");
  });
});
