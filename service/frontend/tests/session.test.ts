import { describe, expect, it } from "vitest";
import { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { OutgoingMessage, StoredConversation, StoredMessage } from "@/lib/api/types";
import { ChatSession } from "@/lib/chat/session";
import { ChatStore } from "@/lib/chat/store";
import { AT, storedMessage, summaryOf } from "./fixtures";

const START: StreamEvent = { type: "start", userMessageId: "u", messageId: "m", title: null };
const DONE: StreamEvent = { type: "done", status: "complete" };
const CUT = new ApiError(0, "network", "cut");
const MODEL_FAILED: StreamEvent[] = [
  START,
  { type: "error", code: "model_timeout", message: "", retryable: true },
  { type: "done", status: "error" },
];

/** A backend whose streams and conversations a test writes down beforehand. */
class ScriptedApi extends ApiClient {
  readonly asked: string[] = [];
  readonly stopped: string[] = [];
  streams: (StreamEvent | Error)[][] = [];
  stored: StoredConversation | null = null;

  constructor() {
    super("");
  }

  override async createConversation() {
    return summaryOf("c");
  }

  override streamAnswer(_id: string, { content, attachment_ids: files = [] }: OutgoingMessage) {
    return this.next(["send", content, ...files].join(" "));
  }

  override regenerateAnswer(id: string) {
    return this.next(`regenerate ${id}`);
  }

  override editQuestion(id: string, { content }: OutgoingMessage) {
    return this.next(`edit ${id} ${content}`);
  }

  override resumeAnswer(id: string, after: string) {
    return this.next(`resume ${id} ${after}`);
  }

  override async stopAnswer(id: string) {
    this.stopped.push(id);
  }

  override async conversation() {
    if (this.stored === null) throw new ApiError(404, "not_found", "none");
    return this.stored;
  }

  private async *next(asked: string) {
    this.asked.push(asked);
    for (const event of this.streams.shift() ?? [CUT]) {
      if (event instanceof Error) throw event;
      yield event;
    }
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
  const shown = () => messages().map(({ content, status }) => [content, status]);
  return { api, store, session, signOuts, messages, shown };
}

function token(text: string): StreamEvent {
  return { type: "token", text };
}

function stored(...messages: StoredMessage[]): StoredConversation {
  return { ...summaryOf("c"), messages };
}

const EXCHANGE = stored(
  storedMessage("u", "user", "hello"),
  storedMessage("m", "assistant", "good day"),
);

describe("a chat session", () => {
  it("streams an answer into the store", async () => {
    const { api, session, shown } = setUp();
    api.streams = [[START, token("hi"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["hi", "complete"],
    ]);
  });

  it("shows the title that the model finds a moment later", async () => {
    const { api, session, store } = setUp();
    api.streams = [[{ ...START, title: "hello" }, token("hi"), DONE]];
    api.stored = { ...EXCHANGE, title: "A greeting" };
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(store.getState().history.items[0]?.title).toBe("A greeting");
  });

  it("takes nothing but the title then: it may have been pinned while that was on its way", async () => {
    const { api, session, store } = setUp();
    api.streams = [[{ ...START, title: "hello" }, token("hi"), DONE]];
    await session.createConversation();
    api.conversation = async () => {
      const pinned = summaryOf("c", { title: "hello", pinned: true });
      store.dispatch({ type: "conversation/changed", summary: pinned });
      return { ...EXCHANGE, title: "A greeting" };
    };
    await session.send("c", "hello", []);
    expect(store.getState().history.items[0]).toMatchObject({ title: "A greeting", pinned: true });
  });

  it("shows tokens of one frame in one step", async () => {
    const { api, session, store } = setUp();
    const tokens = Array.from({ length: 500 }, () => token("x"));
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

  it("offers no retry for what a retry can't mend", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[CUT], [new ApiError(422, "too_long", "Too long")]];
    await session.createConversation();
    await session.send("c", "hello", []);
    await session.retry("c", messages()[1]?.key ?? "");
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

describe("leaving the page right after a question", () => {
  function asked(arrives: boolean) {
    const all = setUp();
    let go: () => void = () => undefined;
    const onTheWay = new Promise<void>((resolve) => {
      go = resolve;
    });
    const signals: AbortSignal[] = [];
    all.api.streamAnswer = async function* (
      ...[, , signal]: Parameters<ApiClient["streamAnswer"]>
    ) {
      signals.push(signal);
      await onTheWay;
      if (!arrives) throw CUT;
      yield START;
      yield token("hi");
    } as ScriptedApi["streamAnswer"];
    return { ...all, go, aborted: () => signals.map((signal) => signal.aborted) };
  }

  it("lets it arrive, and only then lets go of its answer", async () => {
    const { session, go, aborted } = asked(true);
    await session.createConversation();
    const sending = session.send("c", "hello", []);
    session.dispose();
    expect(aborted()).toEqual([false]);
    go();
    expect(await sending).toBe(true);
    expect(aborted()).toEqual([true]);
  });

  it("gives its words back to the field where it didn't arrive: nobody is there to try again", async () => {
    const { session, go } = asked(false);
    await session.createConversation();
    const sending = session.send("c", "hello", []);
    session.dispose();
    go();
    expect(await sending).toBe(false);
  });
});

describe("a broken connection", () => {
  it("costs nothing: reading goes on after what is here, counted in characters", async () => {
    const { api, session, shown } = setUp();
    api.streams = [
      [START, { type: "reasoning", text: "嗯" }, token("be👍"), CUT],
      [token("gun"), CUT],
      [token(" and finished"), DONE],
    ];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(api.asked.slice(1)).toEqual(["resume m 1-3", "resume m 1-6"]);
    expect(shown()[1]).toEqual(["be👍gun and finished", "complete"]);
  });

  it("is told when the server stays away, and reading goes on when it is asked for", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[START, token("be"), CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    expect(messages()[1]).toMatchObject({ status: "error", failure: { code: "network" } });
    api.streams = [[token("gun"), DONE]];
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.asked.at(-1)).toBe("resume m 0-2");
    expect(shown()[1]).toEqual(["begun", "complete"]);
  });

  it("of a page that was reloaded ends as well: it reads on from what is stored", async () => {
    const { api, session, shown } = setUp();
    api.stored = stored(
      storedMessage("u", "user", "hello"),
      storedMessage("m", "assistant", "begun", { status: "running" }),
    );
    api.streams = [[token(" and finished"), DONE]];
    await session.conversations.open("c");
    expect(api.asked).toEqual(["resume m 0-5"]);
    expect(shown()[1]).toEqual(["begun and finished", "complete"]);
  });
});

describe("trying again", () => {
  it("replaces a question that never reached the backend, files included", async () => {
    const { api, session, messages, shown } = setUp();
    const file = { id: "f", filename: "a.txt", media_type: "text/plain", size: 1 };
    api.streams = [[CUT], [START, DONE]];
    await session.createConversation();
    await session.send("c", "hello", [file]);
    expect(messages()[1]).toMatchObject({ status: "error", failure: { retryable: true } });
    await session.retry("c", messages()[1]?.key ?? "");
    expect(shown().map(([, status]) => status)).toEqual(["complete", "complete"]);
    expect(api.asked).toEqual(["send hello f", "send hello f"]);
  });

  it("asks nothing twice when only the confirmation was lost", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    api.stored = EXCHANGE;
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.asked).toEqual(["send hello"]);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["good day", "complete"],
    ]);
  });

  it("asks once, however often it is clicked while it is found out whether it arrived", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[CUT], [START, token("hi"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    const key = messages()[1]?.key ?? "";
    await Promise.all([session.retry("c", key), session.retry("c", key)]);
    expect(api.asked).toEqual(["send hello", "send hello"]);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["hi", "complete"],
    ]);
  });

  it("shows at once that it is tried", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    void session.retry("c", messages()[1]?.key ?? "");
    expect(messages()[1]).toMatchObject({ status: "running", failure: null });
  });

  it("asks nothing once that is stopped, and fails as before", async () => {
    const { api, session, messages } = setUp();
    api.streams = [[CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    const failed = messages();
    const retrying = session.retry("c", failed[1]?.key ?? "");
    await session.stop("c");
    expect(messages()).toEqual(failed);
    await retrying;
    expect(messages()).toEqual(failed);
    expect(api.asked).toEqual(["send hello"]);
  });

  it("doesn't take for it what was asked in another tab meanwhile", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[CUT], [START, token("hi"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    api.stored = stored(
      storedMessage("u9", "user", "from a phone"),
      storedMessage("m9", "assistant", "yes"),
    );
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.asked).toEqual(["send hello", "send hello"]);
    expect(shown().map(([content]) => content)).toEqual(["from a phone", "yes", "hello", "hi"]);
  });

  it("has a failed answer anew, below the same question", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [MODEL_FAILED, [START, token("hi"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.asked).toEqual(["send hello", "regenerate m"]);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["hi", "complete"],
    ]);
    expect(messages()[1]?.earlier).toBe(0);
  });
});

describe("a limit", () => {
  const REFUSED = new ApiError(429, "message_limit", "Only 1 messages a minute.", 42);

  it("takes the question back from the conversation and says until when", async () => {
    const { api, session, store, shown } = setUp();
    api.stored = EXCHANGE;
    await session.conversations.open("c");
    api.streams = [[REFUSED]];
    expect(await session.send("c", "and now?", [])).toBe(false);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["good day", "complete"],
    ]);
    expect(store.getState().conversations.c?.refusal).toMatchObject({
      code: "message_limit",
      until: Date.parse(AT) + 42_000,
    });
  });

  it("that meets a question tried again leaves it where it is", async () => {
    const { api, session, messages, shown } = setUp();
    await session.createConversation();
    api.streams = [[CUT], [REFUSED]];
    expect(await session.send("c", "hello", [])).toBe(true);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["", "error"],
    ]);
  });
});

describe("a refusal that stays", () => {
  it.each([
    [413, "attachments_too_large"],
    [400, "unknown_attachment"],
    [401, "not_authenticated"],
    [404, "conversation_not_found"],
    [422, "invalid_request"],
  ])(
    "as %i %s takes the question back from the conversation, into its field",
    async (status, code) => {
      const { api, session, store, shown } = setUp();
      await session.createConversation();
      api.streams = [[new ApiError(status, code, "No.")]];
      expect(await session.send("c", "compare them", [])).toBe(false);
      expect(shown()).toEqual([]);
      expect(store.getState().conversations.c?.refusal).toMatchObject({ code });
    },
  );
});

describe("having it otherwise", () => {
  const again: StreamEvent = { ...START, messageId: "m2" };

  it("puts another answer in the place of the last one, and counts the one before", async () => {
    const { api, session, messages } = setUp();
    api.stored = EXCHANGE;
    await session.conversations.open("c");
    api.streams = [[again, token("hello there"), DONE]];
    await session.regenerate("c", "m");
    expect(api.asked).toEqual(["regenerate m"]);
    expect(messages()).toHaveLength(2);
    expect(messages()[1]).toMatchObject({ id: "m2", content: "hello there", earlier: 1 });
  });

  it("changes a question and forgets what followed", async () => {
    const { api, session, shown } = setUp();
    const more = [storedMessage("u2", "user", "more"), storedMessage("m3", "assistant", "yes")];
    api.stored = stored(...EXCHANGE.messages, ...more);
    await session.conversations.open("c");
    api.streams = [[again, token("bonjour"), DONE]];
    expect(await session.edit("c", "u", "bonjour?")).toBe(true);
    expect(api.asked).toEqual(["edit u bonjour?"]);
    expect(shown()).toEqual([
      ["bonjour?", "complete"],
      ["bonjour", "complete"],
    ]);
  });

  it("changes no question while an answer is being written: what is read of it would be lost", async () => {
    const { api, session, shown } = setUp();
    api.stored = EXCHANGE;
    await session.conversations.open("c");
    api.streams = [[{ ...START, userMessageId: "u2", messageId: "m2" }, token("well"), DONE]];
    const sending = session.send("c", "and?", []);
    expect(await session.edit("c", "u", "bonjour?")).toBe(false);
    await sending;
    expect(api.asked).toEqual(["send and?"]);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["good day", "complete"],
      ["and?", "complete"],
      ["well", "complete"],
    ]);
  });

  it("takes nothing away when it is refused, and says why", async () => {
    const { api, session, store, shown } = setUp();
    api.stored = EXCHANGE;
    await session.conversations.open("c");
    api.streams = [[new ApiError(429, "quota", "Enough for today")]];
    expect(await session.edit("c", "u", "bonjour?")).toBe(false);
    expect(shown()).toEqual([
      ["hello", "complete"],
      ["good day", "complete"],
    ]);
    expect(store.getState().conversations.c?.refusal?.code).toBe("quota");
    // Whoever has looked at another conversation meanwhile finds the words here again.
    const edit = { questionKey: "u", content: "bonjour?" };
    expect(store.getState().conversations.c?.refusedEdit).toEqual(edit);
    api.streams = [[again, DONE]];
    await session.regenerate("c", "m");
    expect(store.getState().conversations.c).toMatchObject({ refusal: null, refusedEdit: null });
  });
});
