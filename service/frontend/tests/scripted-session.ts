import { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { OutgoingMessage, StoredConversation, StoredMessage } from "@/lib/api/types";
import { ChatSession } from "@/lib/chat/session";
import { ChatStore } from "@/lib/chat/store";
import { AT, storedMessage, summaryOf } from "./fixtures";

export const START: Extract<StreamEvent, { type: "start" }> = {
  type: "start",
  userMessageId: "u",
  messageId: "m",
  title: null,
};
export const DONE: StreamEvent = { type: "done", status: "complete" };
export const CUT = new ApiError(0, "network", "cut");

/** A backend whose streams and conversations a test writes down beforehand. */
export class ScriptedApi extends ApiClient {
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

  override async conversation(): Promise<StoredConversation> {
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

/** A session on a backend, and what it shows of the conversation `c`. */
export function sessionOn<Api extends ApiClient>(api: Api) {
  const store = new ChatStore();
  const signOuts: number[] = [];
  const lost: [conversationId: string, words: string][] = [];
  const session = new ChatSession(api, store, {
    onSignedOut: () => signOuts.push(1),
    onLost: (...it) => lost.push(it),
    now: () => AT,
    nextFrame: (callback) => queueMicrotask(callback),
    sleep: async () => undefined,
  });
  const messages = () => store.getState().conversations.c?.messages ?? [];
  return { api, store, session, signOuts, lost, messages };
}

/** A session on a backend that is written down beforehand. */
export function setUp() {
  const all = sessionOn(new ScriptedApi());
  const shown = () => all.messages().map(({ content, status }) => [content, status]);
  return { ...all, shown };
}

export function token(text: string): StreamEvent {
  return { type: "token", text };
}

export function stored(...messages: StoredMessage[]): StoredConversation {
  return { ...summaryOf("c"), messages };
}

export const EXCHANGE = stored(
  storedMessage("u", "user", "hello"),
  storedMessage("m", "assistant", "good day"),
);
