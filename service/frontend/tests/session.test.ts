import { describe, expect, it } from "vitest";
import type { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import { ChatSession } from "@/lib/chat/session";
import { AT, storedMessage, summaryOf } from "./fixtures";
import {
  CUT,
  DONE,
  EXCHANGE,
  type ScriptedApi,
  START,
  setUp,
  stored,
  token,
} from "./scripted-session";

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

  it("takes no title where it was renamed while that was on its way", async () => {
    const { api, session, store } = setUp();
    api.streams = [[{ ...START, title: "hello" }, token("hi"), DONE]];
    await session.createConversation();
    api.conversation = async () => {
      const renamed = summaryOf("c", { title: "Mine" });
      store.dispatch({ type: "conversation/changed", summary: renamed });
      return { ...EXCHANGE, title: "A greeting" };
    };
    await session.send("c", "hello", []);
    expect(store.getState().history.items[0]?.title).toBe("Mine");
  });

  it("shows tokens of one frame in one step", async () => {
    const { api, session, store } = setUp();
    const tokens = Array.from({ length: 500 }, () => token("x"));
    api.streams = [[START, ...tokens, DONE]];
    await session.createConversation();
    let frame: () => void = () => undefined;
    const slow = new ChatSession(api, store, {
      onSignedOut: () => undefined,
      onLost: () => undefined,
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
    session.leave();
    expect(aborted()).toEqual([false]);
    go();
    expect(await sending).toBe(true);
    expect(aborted()).toEqual([true]);
  });

  it("gives its words back to the field where it didn't arrive: nobody is there to try again", async () => {
    const { session, go } = asked(false);
    await session.createConversation();
    const sending = session.send("c", "hello", []);
    session.leave();
    go();
    expect(await sending).toBe(false);
  });

  it.each([true, false])(
    "does the same where its conversation is only made then (%s)",
    async (arrives) => {
      const { session, go, aborted } = asked(arrives);
      session.leave();
      await session.createConversation();
      const sending = session.send("c", "hello", []);
      go();
      expect(await sending).toBe(arrives);
      expect(aborted()).toEqual([arrives]);
    },
  );

  it("lets go of nothing where it is come to again", async () => {
    const { session, go, aborted } = asked(true);
    session.leave();
    session.enter();
    await session.createConversation();
    const sending = session.send("c", "hello", []);
    go();
    await sending;
    expect(aborted()).toEqual([false]);
  });

  it("reads no answer that is only found to be written then", async () => {
    const { api, session } = setUp();
    const written = storedMessage("m", "assistant", "begun", { status: "running" });
    api.stored = stored(storedMessage("u", "user", "hello"), written);
    const opening = session.conversations.open("c");
    session.leave();
    await opening;
    expect(api.asked).toEqual([]);
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

  it("is mended once, however often that is asked for", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[START, token("be"), CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    api.streams = [[token("gun"), DONE]];
    const asked = api.asked.length;
    const key = messages()[1]?.key ?? "";
    await Promise.all([session.retry("c", key), session.retry("c", key)]);
    expect(api.asked.slice(asked)).toEqual(["resume m 0-2"]);
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
