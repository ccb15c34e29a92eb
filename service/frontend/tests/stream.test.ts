import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/api/errors";
import { parseStreamEvent, readStreamEvents, type StreamEvent } from "@/lib/api/stream";

const encoder = new TextEncoder();

function bodyOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function collect(events: AsyncGenerator<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const ANSWER = [
  ": ping\n\n",
  'event: start\ndata: {"conversation_id":"c","user_message_id":"u","message_id":"m","title":"Hi"}\n\n',
  'event: reasoning\ndata: {"text":"想一想"}\n\n',
  'event: token\ndata: {"text":"你好 🌱"}\n\n',
  'event: usage\ndata: {"prompt_tokens":3,"completion_tokens":5}\n\n',
  'event: done\ndata: {"message_id":"m","status":"complete","finish_reason":"stop"}\n\n',
].join("");

const EVENTS: StreamEvent[] = [
  { type: "start", userMessageId: "u", messageId: "m", title: "Hi" },
  { type: "reasoning", text: "想一想" },
  { type: "token", text: "你好 🌱" },
  { type: "usage", usage: { prompt_tokens: 3, completion_tokens: 5 } },
  { type: "done", status: "complete" },
];

describe("an answer's stream", () => {
  it("gives the same events wherever the network cuts it, even inside a character", async () => {
    const bytes = encoder.encode(ANSWER);
    expect(await collect(readStreamEvents(bodyOf(bytes)))).toEqual(EVENTS);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const body = bodyOf(bytes.slice(0, cut), bytes.slice(cut));
      expect(await collect(readStreamEvents(body))).toEqual(EVENTS);
    }
  });

  it("accepts the line ends of other servers", async () => {
    const body = bodyOf(encoder.encode(ANSWER.replaceAll("\n", "\r\n")));
    expect(await collect(readStreamEvents(body))).toEqual(EVENTS);
  });

  it("fails when it ends before done, after giving what had come", async () => {
    const events = readStreamEvents(bodyOf(encoder.encode('event: token\ndata: {"text":"a"}\n\n')));
    expect((await events.next()).value).toEqual({ type: "token", text: "a" });
    await expect(events.next()).rejects.toMatchObject({ name: "ApiError", code: "network" });
  });

  it("fails when nothing, not even a ping, comes for too long", async () => {
    const silent = new ReadableStream<Uint8Array>({ start: () => undefined });
    await expect(collect(readStreamEvents(silent, 20))).rejects.toBeInstanceOf(ApiError);
  });

  it("lets go of the connection when the reader stops reading", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(ANSWER)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const event of readStreamEvents(endless)) {
      if (event.type === "token") break;
    }
    expect(cancelled).toBe(true);
  });
});

describe("an event", () => {
  it("is ignored when this page does not know its kind or can't read it", () => {
    expect(parseStreamEvent("citation", '{"text":"x"}')).toBeNull();
    expect(parseStreamEvent("token", "not json")).toBeNull();
    expect(parseStreamEvent("token", "null")).toBeNull();
    expect(parseStreamEvent("token", '{"text":5}')).toBeNull();
  });

  it("of an error is taken as worth a retry unless it says otherwise", () => {
    const data = '{"code":"model_timeout","message":"模型响应超时"}';
    expect(parseStreamEvent("error", data)).toEqual({
      type: "error",
      code: "model_timeout",
      message: "模型响应超时",
      retryable: true,
    });
  });
});
