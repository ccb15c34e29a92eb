import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { StoredConversation } from "@/lib/api/types";
import { unsentQuestion } from "@/lib/chat/state";
import { storedMessage } from "./fixtures";
import { CUT, DONE, EXCHANGE, START, setUp, stored, token } from "./scripted-session";

const MODEL_FAILED: StreamEvent[] = [
  START,
  { type: "error", code: "model_timeout", message: "", retryable: true },
  { type: "done", status: "error" },
];

async function* endless(): AsyncGenerator<never> {
  await new Promise(() => undefined);
}

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

  it("reads the answer on where that is still being written", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[CUT], [token(" day"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    const written = storedMessage("m", "assistant", "good", { status: "running" });
    api.stored = stored(storedMessage("u", "user", "hello"), written);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(api.asked).toEqual(["send hello", "resume m 0-4"]);
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
    expect(messages()[1]?.status).toBe("running");
  });

  it("keeps its words until it is sure that they are on their way: the page may be left or loaded anew", async () => {
    const { api, session, store, messages } = setUp();
    api.streams = [[CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    const retrying = session.retry("c", messages()[1]?.key ?? "");
    expect(unsentQuestion(store.getState().conversations.c)).toBe("hello");
    session.leave();
    await retrying;
    expect(unsentQuestion(store.getState().conversations.c)).toBe("hello");
    expect(api.asked).toEqual(["send hello"]);
  });

  it.each([true, false])(
    "gives its words back where the page is left once they are on their way, unless they arrive (%s)",
    async (arrives) => {
      const { api, session, lost, messages } = setUp();
      api.streams = [[CUT], arrives ? [START, DONE] : [CUT]];
      await session.createConversation();
      await session.send("c", "hello", []);
      const key = messages()[1]?.key ?? "";
      const retrying = session.retry("c", key);
      while (messages()[1]?.key === key) await Promise.resolve();
      session.leave();
      await retrying;
      expect(lost).toEqual(arrives ? [] : [["c", "hello"]]);
    },
  );

  it("gives nothing back where somebody sees that it failed once more", async () => {
    const { api, session, store, lost, messages } = setUp();
    api.streams = [[CUT], [CUT]];
    await session.createConversation();
    await session.send("c", "hello", []);
    await session.retry("c", messages()[1]?.key ?? "");
    expect(lost).toEqual([]);
    expect(unsentQuestion(store.getState().conversations.c)).toBe("hello");
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

  it("loses nothing that is asked once that is stopped: what was on its way doesn't know it", async () => {
    const { api, session, messages, shown } = setUp();
    api.streams = [[CUT], [START, token("hi"), DONE]];
    await session.createConversation();
    await session.send("c", "hello", []);
    let arrive: (it: StoredConversation) => void = () => undefined;
    api.conversation = () => new Promise((resolve) => (arrive = resolve));
    const retrying = session.retry("c", messages()[1]?.key ?? "");
    await session.stop("c");
    await session.send("c", "and?", []);
    arrive(stored());
    await retrying;
    expect(shown().map(([content]) => content)).toEqual(["hello", "", "and?", "hi"]);
    expect(api.asked).toEqual(["send hello", "send and?"]);
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
    // They stay in their form, whatever else is asked beside it.
    api.streams = [[again, DONE]];
    await session.regenerate("c", "m");
    expect(store.getState().conversations.c).toMatchObject({ refusal: null, refusedEdit: edit });
  });

  it.each([true, false])(
    "gives the words of a refused edit back where the page is left meanwhile (%s)",
    async (left) => {
      const { api, session, lost } = setUp();
      api.stored = EXCHANGE;
      await session.conversations.open("c");
      api.streams = [[new ApiError(429, "quota", "Enough for today")]];
      const editing = session.edit("c", "u", "bonjour?");
      if (left) session.leave();
      expect(await editing).toBe(false);
      expect(lost).toEqual(left ? [["c", "bonjour?"]] : []);
    },
  );

  it("gives the words of a refused edit back at once, though an answer is written that was asked for elsewhere", async () => {
    const { api, session, store } = setUp();
    api.stored = EXCHANGE;
    await session.conversations.open("c");
    api.streams = [[new ApiError(409, "answer_running", "Wait")]];
    const written = storedMessage("m9", "assistant", "we", { status: "running" });
    api.stored = stored(...EXCHANGE.messages, storedMessage("u9", "user", "from a phone"), written);
    api.resumeAnswer = () => endless();
    expect(await session.edit("c", "u", "bonjour?")).toBe(false);
    const edit = { questionKey: "u", content: "bonjour?" };
    expect(store.getState().conversations.c?.refusedEdit).toEqual(edit);
  });
});
