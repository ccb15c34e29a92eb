import type { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StreamEvent } from "@/lib/api/stream";
import type { Attachment, OutgoingMessage } from "@/lib/api/types";
import { runningAnswer, selectedModelId } from "./state";
import type { ChatStore } from "./store";

const FOLLOW_INTERVAL_MS = 1_500;

/** What a session needs of its surroundings; the tests give their own clock and frames. */
export interface SessionHooks {
  /** The login is no longer valid. */
  onSignedOut: () => void;
  now: () => string;
  /** Run once before the next repaint: tokens that arrive in between are shown together. */
  nextFrame: (callback: () => void) => void;
  sleep: (milliseconds: number) => Promise<void>;
}

/** Do what the user asks: call the backend and tell the store what came of it. */
export class ChatSession {
  /** Streams by answer key; aborting one only closes this page's view of it. */
  private readonly streams = new Map<string, { abort: AbortController; stopWanted: boolean }>();
  private readonly followed = new Set<string>();
  private keys = 0;

  constructor(
    private readonly api: ApiClient,
    private readonly store: ChatStore,
    private readonly hooks: SessionHooks,
  ) {}

  async loadModels(): Promise<void> {
    try {
      this.store.dispatch({ type: "models/loaded", models: await this.api.models() });
    } catch (error) {
      this.noticeSignOut(error);
    }
  }

  async loadHistory(before: string | null = null): Promise<void> {
    try {
      const page = await this.api.conversations(before);
      this.store.dispatch({ type: "history/loaded", page, append: before !== null });
    } catch (error) {
      this.noticeSignOut(error);
      this.store.dispatch({ type: "history/failed" });
    }
  }

  /** Show a conversation; one that is being written elsewhere is followed until it is done. */
  async open(id: string): Promise<void> {
    const shown = this.store.getState().conversations[id];
    if (runningAnswer(shown) !== null) return;
    this.store.dispatch({ type: "conversation/loading", id });
    await this.refresh(id);
    await this.follow(id);
  }

  async rename(id: string, title: string): Promise<void> {
    await this.api.renameConversation(id, title);
    this.store.dispatch({ type: "conversation/renamed", id, title });
  }

  async remove(id: string): Promise<void> {
    await this.api.deleteConversation(id);
    this.store.dispatch({ type: "conversation/removed", id });
  }

  /** Make the conversation a first message needs, and return its id. */
  async createConversation(): Promise<string> {
    const modelId = selectedModelId(this.store.getState(), null);
    const summary = await this.api.createConversation(modelId);
    this.store.dispatch({ type: "conversation/created", summary });
    return summary.id;
  }

  async send(conversationId: string, content: string, attachments: Attachment[]): Promise<void> {
    const modelId = selectedModelId(this.store.getState(), conversationId);
    const answerKey = this.newKey();
    this.store.dispatch({
      type: "message/sent",
      conversationId,
      userKey: this.newKey(),
      answerKey,
      content,
      attachments,
      modelId,
      at: this.hooks.now(),
    });
    const outgoing: OutgoingMessage = { content };
    if (modelId !== null) outgoing.model_id = modelId;
    if (attachments.length > 0) outgoing.attachment_ids = attachments.map(({ id }) => id);
    await this.stream(conversationId, answerKey, outgoing);
  }

  /** Ask the question of a failed answer again. */
  async retry(conversationId: string, answerKey: string): Promise<void> {
    const messages = this.store.getState().conversations[conversationId]?.messages ?? [];
    const index = messages.findIndex((message) => message.key === answerKey);
    const question = messages[index - 1];
    if (question === undefined) return;
    // A question that the backend never stored is replaced, not repeated.
    if (question.id === null) {
      this.store.dispatch({ type: "message/withdrawn", conversationId, answerKey });
      await this.send(conversationId, question.content, question.attachments);
      return;
    }
    try {
      const copies = question.attachments.map((attachment) => this.api.copyAttachment(attachment));
      await this.send(conversationId, question.content, await Promise.all(copies));
    } catch (error) {
      this.noticeSignOut(error);
      const failure = failureOf(error);
      this.store.dispatch({ type: "answer/failed", conversationId, answerKey, failure });
    }
  }

  /** Stop the running answer for good: the backend closes the model's stream too. */
  async stop(conversationId: string): Promise<void> {
    const answer = runningAnswer(this.store.getState().conversations[conversationId]);
    if (answer === null) return;
    if (answer.id === null) {
      const stream = this.streams.get(answer.key);
      if (stream) stream.stopWanted = true;
      return;
    }
    await this.api.stopAnswer(answer.id).catch((error: unknown) => this.noticeSignOut(error));
  }

  /** Leave the page or log out: let go of every stream. The backend finishes and stores the answers. */
  dispose(): void {
    for (const stream of this.streams.values()) stream.abort.abort();
    this.streams.clear();
    this.followed.clear();
  }

  private async stream(
    conversationId: string,
    answerKey: string,
    message: OutgoingMessage,
  ): Promise<void> {
    const stream = { abort: new AbortController(), stopWanted: false };
    this.streams.set(answerKey, stream);
    const frame = this.frameOf(conversationId, answerKey);
    let stored = false;
    try {
      for await (const event of this.api.streamAnswer(
        conversationId,
        message,
        stream.abort.signal,
      )) {
        if (event.type === "start") stored = true;
        frame.add(event);
        if (event.type === "start" && stream.stopWanted) {
          frame.flush();
          void this.stop(conversationId);
        }
      }
      frame.flush();
    } catch (error) {
      frame.flush();
      if (stream.abort.signal.aborted) return;
      this.noticeSignOut(error);
      // The answer goes on without us: look at what is stored until it is finished.
      const lost = error instanceof ApiError && error.code === "network";
      if (stored && lost && (await this.follow(conversationId))) return;
      const failure = failureOf(error);
      this.store.dispatch({ type: "answer/failed", conversationId, answerKey, failure });
    } finally {
      this.streams.delete(answerKey);
    }
  }

  /** Poll a conversation until nothing in it is running. False when the backend stays unreachable. */
  private async follow(id: string): Promise<boolean> {
    if (this.followed.has(id)) return true;
    this.followed.add(id);
    try {
      let failures = 0;
      while (this.followed.has(id)) {
        if (runningAnswer(this.store.getState().conversations[id]) === null) return true;
        await this.hooks.sleep(FOLLOW_INTERVAL_MS);
        failures = (await this.refresh(id)) ? 0 : failures + 1;
        if (failures > 20) return false;
      }
      return true;
    } finally {
      this.followed.delete(id);
    }
  }

  private async refresh(id: string): Promise<boolean> {
    try {
      const conversation = await this.api.conversation(id);
      this.store.dispatch({ type: "conversation/loaded", conversation });
      return true;
    } catch (error) {
      this.noticeSignOut(error);
      const missing = error instanceof ApiError && error.status === 404;
      this.store.dispatch({ type: "conversation/failed", id, missing });
      return missing;
    }
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

  private noticeSignOut(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) this.hooks.onSignedOut();
  }

  private newKey(): string {
    // Not crypto.randomUUID: browsers withhold it from pages served over plain http.
    this.keys += 1;
    return `local-${this.keys}`;
  }
}

function failureOf(error: unknown) {
  if (!(error instanceof ApiError)) throw error;
  const retryable = error.status === 0 || error.status === 429 || error.status >= 500;
  return { code: error.code, message: error.message, retryable };
}
