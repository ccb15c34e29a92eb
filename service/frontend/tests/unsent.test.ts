import { describe, expect, it } from "vitest";
import type { Attachment } from "@/lib/api/types";
import { Drafts } from "@/lib/chat/drafts";
import { type ChatAction, chatReducer } from "@/lib/chat/reducer";
import { type ChatState, initialChatState, unsentQuestion } from "@/lib/chat/state";
import { ASKED, storedMessage, summaryOf } from "./fixtures";

const CREATED: ChatAction = { type: "conversation/created", summary: summaryOf("c") };
const SENT: ChatAction[] = [CREATED, ASKED];
const FAILED = {
  type: "answer/failed",
  conversationId: "c",
  answerKey: "k2",
  failure: { code: "network", message: "", retryable: true },
} as const satisfies ChatAction;
const START: ChatAction = {
  type: "answer/events",
  conversationId: "c",
  answerKey: "k2",
  events: [{ type: "start", userMessageId: "u", messageId: "m", title: null }],
};

function fileOf(id: string): Attachment {
  return { id, filename: "a.txt", media_type: "text/plain", size: 1 };
}

function run(...actions: ChatAction[]): ChatState {
  return actions.reduce(chatReducer, initialChatState);
}

function unsentAfter(...actions: ChatAction[]): string | null {
  return unsentQuestion(run(...actions).conversations.c);
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

describe("a question of which only the confirmation was lost", () => {
  const loadedWith = (words: string): ChatAction => {
    const messages = [
      storedMessage("u9", "user", words),
      storedMessage("m9", "assistant", "good day"),
    ];
    return { type: "conversation/loaded", conversation: { ...summaryOf("c"), messages } };
  };
  const contents = (state: ChatState) => state.conversations.c?.messages.map((it) => it.content);

  it("stands there once, when it turns out to have arrived", () => {
    expect(contents(run(...SENT, FAILED, loadedWith("hello")))).toEqual(["hello", "good day"]);
  });

  it("is kept below what was asked elsewhere meanwhile, when it hasn't", () => {
    const state = run(...SENT, FAILED, loadedWith("from a phone"));
    expect(contents(state)).toEqual(["from a phone", "good day", "hello", ""]);
  });

  it("is not taken for one with the same words and other files", () => {
    const [file, other, third] = [fileOf("f1"), fileOf("f2"), fileOf("f3")];
    const withFiles: ChatAction = { ...ASKED, attachments: [file, other] };
    const arrivedWith = (...attachments: Attachment[]): ChatAction => {
      const messages = [storedMessage("u9", "user", "hello", { attachments })];
      return { type: "conversation/loaded", conversation: { ...summaryOf("c"), messages } };
    };
    const before = run(CREATED, withFiles, FAILED);
    const others = chatReducer(before, arrivedWith(file, third));
    expect(contents(others)).toEqual(["hello", "hello", ""]);
    expect(contents(chatReducer(before, arrivedWith(other, file)))).toEqual(["hello"]);
  });

  it("stands for one that has arrived, not for all with the same words", () => {
    const again: ChatAction = { ...ASKED, userKey: "k3", answerKey: "k4" };
    const twice = run(...SENT, FAILED, again, { ...FAILED, answerKey: "k4" });
    expect(contents(twice)).toEqual(["hello", "", "hello", ""]);
    const state = chatReducer(twice, loadedWith("hello"));
    expect(contents(state)).toEqual(["hello", "good day", "hello", ""]);
    expect(state.conversations.c?.messages[2]?.key).toBe("k3");
  });

  it("is kept where the same was asked before", () => {
    const state = run(CREATED, loadedWith("hello"), ASKED, FAILED);
    const again = chatReducer(state, loadedWith("hello"));
    expect(contents(again)).toEqual(["hello", "good day", "hello", ""]);
  });

  it("stands there once where the same was asked before, too", () => {
    const state = run(CREATED, loadedWith("hello"), ASKED, FAILED);
    const messages = [
      storedMessage("u9", "user", "hello"),
      storedMessage("m9", "assistant", "good day"),
      storedMessage("u10", "user", "hello"),
      storedMessage("m10", "assistant", "once more"),
    ];
    const conversation = { ...summaryOf("c"), messages };
    const arrived = chatReducer(state, { type: "conversation/loaded", conversation });
    expect(contents(arrived)).toEqual(["hello", "good day", "hello", "once more"]);
  });
});
