import { describe, expect, it } from "vitest";
import type { StoredConversation } from "@/lib/api/types";
import { type ChatAction, chatReducer } from "@/lib/chat/reducer";
import {
  type ChatState,
  initialChatState,
  modelSettingsOf,
  runningAnswer,
  selectedModelId,
  summaryOf,
} from "@/lib/chat/state";
import { ASKED, storedMessage as stored, summaryOf as summary } from "./fixtures";

function run(...actions: ChatAction[]): ChatState {
  return actions.reduce(chatReducer, initialChatState);
}

const SENT: ChatAction[] = [
  { type: "conversation/created", summary: summary("old") },
  { type: "conversation/created", summary: summary("c") },
  { type: "conversation/created", summary: summary("newer") },
  ASKED,
];

const START: ChatAction = {
  type: "answer/events",
  conversationId: "c",
  answerKey: "k2",
  events: [{ type: "start", userMessageId: "u", messageId: "m", title: "Greeting" }],
};

describe("a message that is sent", () => {
  it("shows at once, with a running answer, and moves its conversation to the top", () => {
    const state = run(...SENT);
    expect(state.history.items.map(({ id }) => id)).toEqual(["c", "newer", "old"]);
    expect(state.conversations.c?.messages.map(({ role, status }) => [role, status])).toEqual([
      ["user", "complete"],
      ["assistant", "running"],
    ]);
    expect(runningAnswer(state.conversations.c)?.key).toBe("k2");
  });

  it("learns the ids and the title from the start of the answer and keeps its keys", () => {
    const state = run(...SENT, START);
    expect(state.conversations.c?.messages.map(({ key, id }) => [key, id])).toEqual([
      ["k1", "u"],
      ["k2", "m"],
    ]);
    expect(state.history.items[0]?.title).toBe("Greeting");
  });

  it("gathers reasoning, tokens, usage and the end", () => {
    const state = run(...SENT, START, {
      type: "answer/events",
      conversationId: "c",
      answerKey: "k2",
      events: [
        { type: "reasoning", text: "Hm" },
        { type: "token", text: "Good " },
        { type: "token", text: "day" },
        { type: "usage", usage: { prompt_tokens: 1, completion_tokens: 2 } },
        { type: "done", status: "complete" },
      ],
    });
    expect(state.conversations.c?.messages[1]).toMatchObject({
      reasoning: "Hm",
      content: "Good day",
      status: "complete",
      usage: { completion_tokens: 2 },
    });
    expect(runningAnswer(state.conversations.c)).toBeNull();
  });

  it("leaves the other messages untouched, so that they need not be rendered again", () => {
    const before = run(...SENT, START);
    const after = chatReducer(before, {
      type: "answer/events",
      conversationId: "c",
      answerKey: "k2",
      events: [{ type: "token", text: "x" }],
    });
    expect(after.conversations.c?.messages[0]).toBe(before.conversations.c?.messages[0]);
    expect(after.history).toBe(before.history);
  });

  it("keeps what had come when the answer fails, and says why", () => {
    const failure = { code: "network", message: "gone", retryable: true };
    const state = run(...SENT, START, {
      type: "answer/failed",
      conversationId: "c",
      answerKey: "k2",
      failure,
    });
    expect(state.conversations.c?.messages[1]).toMatchObject({ status: "error", failure });
  });

  it("can be withdrawn together with its answer", () => {
    const state = run(...SENT, {
      type: "message/withdrawn",
      conversationId: "c",
      answerKey: "k2",
    });
    expect(state.conversations.c?.messages).toEqual([]);
  });
});

describe("a stored conversation", () => {
  const conversation: StoredConversation = {
    ...summary("c", { title: "Greeting" }),
    messages: [
      stored("s", "system", "be kind"),
      stored("u", "user", "hello"),
      stored("m", "assistant", "hi"),
    ],
  };

  it("shows without its system message", () => {
    const state = run({ type: "conversation/loaded", conversation });
    expect(state.conversations.c?.messages.map(({ id }) => id)).toEqual(["u", "m"]);
  });

  it("keeps the keys of messages that are on the page already", () => {
    const state = run(...SENT, START, { type: "conversation/loaded", conversation });
    expect(state.conversations.c?.messages.map(({ key }) => key)).toEqual(["k1", "k2"]);
  });

  it("keeps a question that has not arrived, though the backend knows nothing of it", () => {
    const messages = [stored("u", "user", "before"), stored("m", "assistant", "yes")];
    const state = run(...SENT, {
      type: "conversation/loaded",
      conversation: { ...conversation, messages },
    });
    expect(state.conversations.c?.messages.map(({ key }) => key)).toEqual(["u", "m", "k1", "k2"]);
  });

  it("tells why an answer failed, and whether asking again may help", () => {
    const failed = stored("m", "assistant", "", {
      status: "error",
      error_code: "model_refused",
      error_message: "Too long",
      retryable: false,
    });
    const messages = [stored("u", "user", "hello"), failed];
    const state = run({
      type: "conversation/loaded",
      conversation: { ...conversation, messages },
    });
    expect(state.conversations.c?.messages[1]?.failure).toEqual({
      code: "model_refused",
      message: "Too long",
      retryable: false,
    });
  });

  it("stays on the page when a refresh fails, but not when it is gone", () => {
    const loaded = run({ type: "conversation/loaded", conversation });
    const refreshed = chatReducer(loaded, { type: "conversation/failed", id: "c", missing: false });
    expect(refreshed.conversations.c?.messages).toHaveLength(2);
    const gone = chatReducer(loaded, { type: "conversation/failed", id: "c", missing: true });
    expect(gone.conversations.c).toMatchObject({ load: "missing", messages: [] });
  });

  it("leaves page and history when it is deleted", () => {
    const state = run(...SENT, { type: "conversation/removed", id: "c" });
    expect(state.conversations.c).toBeUndefined();
    expect(state.history.items.map(({ id }) => id)).toEqual(["newer", "old"]);
  });
});

describe("the history", () => {
  it("appends a page without repeating what moved in the meantime", () => {
    const state = run(
      { type: "history/loaded", append: false, page: { items: [summary("a")], next: "x" } },
      {
        type: "history/loaded",
        append: true,
        page: { items: [summary("a"), summary("b")], next: null },
      },
    );
    expect(state.history.items.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(state.history.next).toBeNull();
  });
});

describe("the archive", () => {
  const away = summary("c", { archived: true });

  it("is no part of the history, and what is taken back is", () => {
    const archived = run(...SENT, { type: "conversation/changed", summary: away });
    expect(archived.history.items.map(({ id }) => id)).toEqual(["newer", "old"]);
    expect(summaryOf(archived, "c")?.archived).toBe(true);
    const back = chatReducer(archived, { type: "conversation/changed", summary: summary("c") });
    expect(back.history.items.map(({ id }) => id)).toEqual(["c", "newer", "old"]);
  });

  it("keeps a conversation that is written in while it is there", () => {
    const [, , , sent] = SENT;
    const opened = run({ type: "conversation/loaded", conversation: { ...away, messages: [] } });
    const state = chatReducer(opened, sent as ChatAction);
    expect(state.history.items).toEqual([]);
  });
});

describe("the model", () => {
  const health = { state: "ok", code: null, since: null } as const;
  const models = [
    { id: "m1", label: "One", default: false, vision: false, health },
    { id: "m2", label: "Two", default: true, vision: false, health },
  ];

  it("is the default, then the last choice, then the conversation's own", () => {
    const state = run({ type: "models/loaded", models }, ...SENT);
    expect(selectedModelId(state, "c")).toBe("m2");
    const chosen = chatReducer(state, { type: "model/chosen", conversationId: "c", modelId: "m1" });
    expect(selectedModelId(chosen, "c")).toBe("m1");
    expect(selectedModelId(chosen, null)).toBe("m1");
  });

  it("stays the chosen one, whatever arrives after the choice", () => {
    const stored = summary("c", { model_id: "m2" });
    const arriving: ChatAction[] = [
      { type: "conversation/loaded", conversation: { ...stored, messages: [] } },
      { type: "history/loaded", page: { items: [stored], next: null }, append: false },
      { type: "conversation/changed", summary: stored },
    ];
    const loading: ChatAction = { type: "conversation/loading", id: "c" };
    const chosen: ChatAction = { type: "model/chosen", conversationId: "c", modelId: "m1" };
    let state = run({ type: "models/loaded", models }, loading, chosen);
    for (const action of arriving) {
      state = chatReducer(state, action);
      expect(selectedModelId(state, "c")).toBe("m1");
    }
  });

  it("falls back when a conversation's model no longer exists", () => {
    const state = run({ type: "models/loaded", models }, ...SENT, {
      type: "model/chosen",
      conversationId: "c",
      modelId: "removed",
    });
    expect(selectedModelId(state, "c")).toBe("m2");
  });
});

describe("what the model is told besides the messages", () => {
  it("is unknown, not nothing, until its conversation or the history is here", () => {
    const loading = run({ type: "conversation/loading", id: "c" });
    expect(modelSettingsOf(loading, "c")).toBeNull();
    const conversation = { ...summary("c", { system_prompt: "Be brief." }), messages: [] };
    const loaded = chatReducer(loading, { type: "conversation/loaded", conversation });
    expect(modelSettingsOf(loaded, "c")?.system_prompt).toBe("Be brief.");
  });
});
