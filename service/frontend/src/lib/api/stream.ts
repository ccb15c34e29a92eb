import { createParser } from "eventsource-parser";
import { ApiError } from "./errors";
import type { Usage } from "./types";

/** One event of an answer, as the page uses it. */
export type StreamEvent =
  | { type: "start"; userMessageId: string; messageId: string; title: string | null }
  | { type: "reasoning"; text: string }
  | { type: "token"; text: string }
  | { type: "usage"; usage: Usage }
  | { type: "error"; code: string; message: string; retryable: boolean }
  | { type: "done"; status: "complete" | "error" | "stopped" };

/** The backend pings every 15 s; three missed pings mean that the connection is dead, not slow. */
export const SILENCE_LIMIT_MS = 50_000;

/**
 * Yield the events of a response body as they arrive, ending after `done`.
 *
 * Throws `ApiError` (code `network`) when the connection breaks, goes silent for
 * `silenceLimitMs`, or ends before `done`.
 */
export async function* readStreamEvents(
  body: ReadableStream<Uint8Array>,
  silenceLimitMs: number = SILENCE_LIMIT_MS,
): AsyncGenerator<StreamEvent> {
  const arrived: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => {
      const parsed = parseStreamEvent(event ?? "message", data);
      if (parsed !== null) arrived.push(parsed);
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    while (true) {
      const { done, value } = await readOrTimeOut(reader, silenceLimitMs);
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const event of arrived.splice(0)) {
        yield event;
        if (event.type === "done") return;
      }
    }
  } catch (error) {
    throw error instanceof ApiError ? error : ApiError.network(error);
  } finally {
    // Not awaited: a dead connection may never confirm.
    reader.cancel().catch(() => undefined);
  }
  throw ApiError.network("the answer ended early");
}

/** Read one event; null for kinds and shapes this page does not know (a newer backend may send them). */
export function parseStreamEvent(event: string, data: string): StreamEvent | null {
  const fields = parseObject(data);
  if (fields === null) return null;
  const text = (key: string): string => (typeof fields[key] === "string" ? fields[key] : "");
  switch (event) {
    case "start":
      return {
        type: "start",
        userMessageId: text("user_message_id"),
        messageId: text("message_id"),
        title: text("title") || null,
      };
    case "reasoning":
    case "token":
      return text("text") === "" ? null : { type: event, text: text("text") };
    case "usage":
      return {
        type: "usage",
        usage: {
          prompt_tokens: count(fields.prompt_tokens),
          completion_tokens: count(fields.completion_tokens),
        },
      };
    case "error":
      return {
        type: "error",
        code: text("code") || "server_error",
        message: text("message"),
        retryable: fields.retryable !== false,
      };
    case "done": {
      const status = text("status");
      return {
        type: "done",
        status: status === "error" || status === "stopped" ? status : "complete",
      };
    }
    default:
      return null;
  }
}

function parseObject(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

async function readOrTimeOut(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limitMs: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(ApiError.network("the connection went silent")), limitMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
