import { describe, expect, it } from "vitest";
import { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { Attachment, OutgoingMessage, StoredConversation } from "@/lib/api/types";
import { ChatSession } from "@/lib/chat/session";
import { ChatStore } from "@/lib/chat/store";

const AT = "2026-11-23T08:00:00Z";
const START: StreamEvent = { type: "start", userMessageId: "u", messageId: "m", title: null };
const DONE: StreamEvent = { type: "done", status: "complete" };

/** A backend whose streams and conversations a test writes down beforehand. */
class ScriptedApi extends ApiClient {
  readonly sent: OutgoingMessage[] = [];
  readonly stopped: string[] = [];
  streams: (StreamEvent | Error)[][] = [];
  stored: StoredConversation[] = [];

  constructor() {
    super("");
  }

  override async createConversation() {
    return { id: "c", title: "", model_id: null, created_at: AT, updated_at: AT };
  }

  override async *streamAnswer(_id: string, message: OutgoingMessage) {
    this.sent.push(message);
    for (const event of this.streams.shift() ?? []) {
      if (event instanceof Error) throw event;
      yield event;
    }
  }

  override async stopAnswer(id: string) {
    this.stopped.push(id);
  }

  override async copyAttachment(attachment: Attachment) {
    return { ...attachment, id: `copy-of-${attachment.id}` };
  }

  override async conversation() {
    const next = this.stored.length > 1 ? this.stored.shift() : this.stored[0];
    if (next === undefined) throw new ApiError(404, "not_found", "none");
    return next;
  }
}

function setUp() {
  const api = new ScriptedApi();
  const store = new ChatStore();
  const signOuts: number[] = [];
  const session = new ChatSession(api, store, {
    onSignedOut: () => signOuts.push(1),
    now: () => AT,
    nextFrame: (callback) => queueMicrotask(callback),
    sleep: async () => undefined,
  });
  const messages = () => store.getState().conversations.c?.messages ?? [];
  return { api, store, session, signOuts, messages };
}

function storedAnswer(status: "running" | "complete", content: string): StoredConversation {
  const common = { reasoning: null, model_id: null, attachments: [], created_at: AT, usage: null };
  return {
    id: "c",
    title: "t",
    model_id: null,
    created_at: AT,
    updated_at: AT,
    messages: [
      { ...common, id: "u", role: "user", content: "hello", status: "complete" },
      { ...common, id: "m", role: "assistant", content, status },
    ],
  };
}

describe("a chat session", () => {
  it("streams an answer into the store", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[START, { type: "token", text: "hi" }, DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(messages().map(({ content, status }) => [content, status])).toEqual([
      ["hello", "complete"],
      ["hi", "complete"],
    ]);
  });

  it("shows tokens of one frame in one step", async () => {
    const { api, session, store } = setUp();
    const tokens = Array.from({ length: 500 }, (): StreamEvent => ({ type: "token", text: "x" }));
    api.streams = [[START, ...tokens, DONE]];
    await session.createConversation();
    let frame: () => void = () => undefined;
    const slow = new ChatSession(api, store, {
      onSignedOut: () => undefined,
      now: () => AT,
      nextFrame: (callback) => {
        frame = callback;
      },
      sleep: async () => undefined,
    });
    let changes = 0;
    store.subscribe(() => {
      changes += 1;
    });
    await slow.send("c", "hello", []);
    frame();
    expect(changes).toBe(2);
    expect(store.getState().conversations.c?.messages[1]?.content).toHaveLength(500);
  });

  it("follows what is stored when the connection breaks, until the answer is complete", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[START, { type: "token", text: "be" }, new ApiError(0, "network", "cut")]];
    api.stored = [storedAnswer("running", "begun"), storedAnswer("complete", "begun and finished")];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(messages()[1]).toMatchObject({ content: "begun and finished", status: "complete" });
    expect(messages()[1]?.failure).toBeNull();
  });

  it("replaces a question that never reached the backend when it is asked again", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[new ApiError(0, "network", "refused")], [START, DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    const failed = messages()[1];
    expect(failed).toMatchObject({ status: "error", failure: { retryable: true } });
    await session.retry("c", failed?.key ?? "");
    expect(messages().map(({ status }) => status)).toEqual(["complete", "complete"]);
    expect(api.sent.map(({ content }) => content)).toEqual(["hello", "hello"]);
  });

  it("asks anew below a stored answer that failed", async () => {
    const { api, session, messages } = setUp();
    const failure: StreamEvent = {
      type: "error",
      code: "model_timeout",
      message: "",
      retryable: true,
    };
    api.streams = [
      [START, failure, { type: "done", status: "error" }],
      [START, DONE],
    ];
    await session.createConversation();
    await session.send("c", "hello", []);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(messages().map(({ status }) => status)).toEqual([
      "complete",
      "error",
      "complete",
      "complete",
    ]);
  });

  it("sends copies of the files with the second question: each file belongs to one message", async () => {
    const { api, session, messages } = setUp();
    const file = { id: "f", filename: "a.txt", media_type: "text/plain", size: 1 };
    const failure: StreamEvent = {
      type: "error",
      code: "model_busy",
      message: "",
      retryable: true,
    };
    api.streams = [
      [START, failure, { type: "done", status: "error" }],
      [START, DONE],
    ];
    await session.createConversation();
    await session.send("c", "hello", [file]);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.sent.map(({ attachment_ids }) => attachment_ids)).toEqual([["f"], ["copy-of-f"]]);
  });

  it("offers no retry for what a retry can't mend", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[new ApiError(422, "too_long", "Too long")]];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(messages()[1]?.failure).toEqual({
      code: "too_long",
      message: "Too long",
      retryable: false,
    });
  });

  it("stops as soon as it knows what to stop", async () => {
    const { api, session } = setUp();
    api.streams = [[START, { type: "done", status: "stopped" }]];
    await session.createConversation();
    const sending = session.send("c", "hello", []);
    await session.stop("c");
    await sending;
    expect(api.stopped).toEqual(["m"]);
  });

  it("leaves for the login when it is no longer valid", async () => {
    const { api, session, signOuts } = setUp();
    api.streams = [[new ApiError(401, "not_authenticated", "log in")]];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(signOuts).toHaveLength(1);
  });
});
