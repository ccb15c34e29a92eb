import type { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import { cursorOf, type Failure, type Message } from "./state";
import type { ChatStore } from "./store";

/** After so many broken connections without a word in between, the reader is asked. */
const MAX_BREAKS = 12;
const LONGEST_PAUSE_MS = 5_000;

/** What reading needs of its surroundings; the tests give their own clock and frames. */
export interface ReaderHooks {
  /** The login is no longer valid. */
  onSignedOut: () => void;
  /** Run once before the next repaint: tokens that arrive in between are shown together. */
  nextFrame: (callback: () => void) => void;
  sleep: (milliseconds: number) => Promise<void>;
  now: () => string;
}

type Open = (signal: AbortSignal) => AsyncGenerator<StreamEvent>;

interface Stream {
  abort: AbortController;
  stopWanted: boolean;
  /** The backend has the question. */
  begun: boolean;
}

/** Read answers into the store, and go on where a broken connection left off. */
export class AnswerReader {
  /** By answer key; aborting one only closes this page's view of it. */
  private readonly streams = new Map<string, Stream>();
  /** Nobody sees this page any more. */
  left = false;

  constructor(
    private readonly api: ApiClient,
    private readonly store: ChatStore,
    private readonly hooks: ReaderHooks,
  ) {}

  reads(answerKey: string): boolean {
    return this.streams.has(answerKey);
  }

  /** Stop an answer as soon as its id is known. */
  stopLater(answerKey: string): void {
    const stream = this.streams.get(answerKey);
    if (stream) stream.stopWanted = true;
  }

  /** Somebody sees this page, perhaps again: React's strict mode leaves it once for a try. */
  enter(): void {
    this.left = false;
  }

  /** Let go of every stream as soon as its question has arrived. The backend finishes and stores the answers. */
  leave(): void {
    this.left = true;
    for (const stream of this.streams.values()) {
      if (stream.begun) stream.abort.abort();
    }
    this.streams.clear();
  }

  /**
   * Read an answer to its end. Returns why it never began, if it didn't: only the caller knows
   * what is to be done then. Whatever goes wrong later is told by the answer itself.
   */
  async read(conversationId: string, answerKey: string, open: Open): Promise<Failure | null> {
    const begun = (this.answer(conversationId, answerKey)?.id ?? null) !== null;
    if (begun && this.left) return null;
    const stream = { abort: new AbortController(), stopWanted: false, begun };
    const { signal } = stream.abort;
    this.streams.set(answerKey, stream);
    const frame = this.frameOf(conversationId, answerKey);
    let next = open;
    let breaks = 0;
    try {
      while (true) {
        try {
          for await (const event of next(signal)) {
            breaks = 0;
            frame.add(event);
            if (event.type !== "start") continue;
            stream.begun = true;
            if (stream.stopWanted) void this.stop(event.messageId);
            if (this.left) stream.abort.abort();
          }
          frame.flush();
          return null;
        } catch (error) {
          frame.flush();
          if (signal.aborted) return null;
          this.noticeSignOut(error);
          const failure = failureOf(error, Date.parse(this.hooks.now()));
          const answer = this.answer(conversationId, answerKey);
          if (answer === undefined) return null;
          // Where nobody is left to try it again, its words go back to their field.
          if (answer.id === null) return this.left ? { ...failure, retryable: false } : failure;
          breaks += 1;
          if (!failure.retryable || breaks > MAX_BREAKS) {
            this.store.dispatch({ type: "answer/failed", conversationId, answerKey, failure });
            return null;
          }
          await this.hooks.sleep(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** (breaks - 1)));
          if (signal.aborted) return null;
          next = this.resume(answer.id, cursorOf(answer));
        }
      }
    } finally {
      this.streams.delete(answerKey);
    }
  }

  /** The rest of an answer of which a part is here. */
  resume(id: string, cursor: string): Open {
    return (signal) => this.api.resumeAnswer(id, cursor, signal);
  }

  async stop(id: string): Promise<void> {
    await this.api.stopAnswer(id).catch((error: unknown) => this.noticeSignOut(error));
  }

  noticeSignOut(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) this.hooks.onSignedOut();
  }

  private answer(conversationId: string, key: string): Message | undefined {
    const messages = this.store.getState().conversations[conversationId]?.messages;
    return messages?.find((message) => message.key === key);
  }

  /** Collect events and dispatch them once a frame: hundreds of tokens a second stay one render each 16 ms. */
  private frameOf(conversationId: string, answerKey: string) {
    let pending: StreamEvent[] = [];
    const flush = () => {
      if (pending.length === 0) return;
      const events = pending;
      pending = [];
      this.store.dispatch({ type: "answer/events", conversationId, answerKey, events });
    };
    const add = (event: StreamEvent) => {
      pending.push(event);
      if (pending.length === 1) this.hooks.nextFrame(flush);
    };
    return { add, flush };
  }
}

function failureOf(error: unknown, now: number): Failure {
  if (!(error instanceof ApiError)) throw error;
  const { status, code, message, retryAfter } = error;
  const retryable = status === 0 || status === 429 || status >= 500 || code === "answer_running";
  const failure = { code, message, retryable };
  return retryAfter === null ? failure : { ...failure, until: now + retryAfter * 1_000 };
}
