import type { ApiClient } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { StoredConversation } from "@/lib/api/types";
import type { AnswerReader } from "./reader";
import { cursorOf, isAtRest, type Message, runningAnswer, summaryOf } from "./state";
import type { ChatStore } from "./store";

/** Fetch conversations, and read on the answers that are being written in them. */
export class ConversationLoader {
  private readonly fetching = new Map<string, Promise<void>>();

  constructor(
    private readonly api: ApiClient,
    private readonly store: ChatStore,
    private readonly reader: AnswerReader,
  ) {}

  /** Show a conversation; an answer that is being written is read on from where this page has it. */
  async open(id: string): Promise<void> {
    const shown = runningAnswer(this.conversation(id));
    if (shown !== null && this.reader.reads(shown.key)) return;
    this.store.dispatch({ type: "conversation/loading", id });
    const fetched = this.fetch(id);
    this.fetching.set(id, fetched);
    await fetched;
    await this.readRunning(id);
  }

  /** Take what was asked and answered elsewhere, in another tab or on a phone; what is the same stays untouched. */
  async lookAgain(id: string): Promise<void> {
    const before = this.messages(id);
    const stored = isAtRest(this.conversation(id)) ? await this.stored(id).catch(() => null) : null;
    if (stored === null || this.messages(id) !== before) return;
    const ids = stored.messages.filter(({ role }) => role !== "system").map((it) => it.id);
    if (String(ids) === String(before?.flatMap((message) => message.id ?? []))) return;
    this.store.dispatch({ type: "conversation/loaded", conversation: stored });
    await this.readRunning(id);
  }

  /** Wait until a conversation is here that was just opened; false where nothing can be asked in it now. */
  async takesQuestions(id: string): Promise<boolean> {
    if (this.conversation(id)?.load === "loading") await this.fetching.get(id);
    return isAtRest(this.conversation(id));
  }

  /**
   * Take what is stored now, and return whether `answer` still waits. It doesn't where its question turns out to have
   * arrived, nor where it was stopped: then what is stored may know nothing of what was asked here since.
   */
  async catchUp(id: string, answer: Message): Promise<boolean> {
    const waits = () => this.messages(id)?.includes(answer) ?? false;
    const stored = await this.stored(id).catch(() => null);
    if (stored === null || !waits()) return waits();
    this.store.dispatch({ type: "conversation/loaded", conversation: stored });
    if (waits()) return true;
    await this.readRunning(id);
    return false;
  }

  /** Read an answer to its end, from where this page has it. */
  async readOn(conversationId: string, answer: Message): Promise<void> {
    if (answer.id === null) return;
    const rest = this.reader.resume(answer.id, cursorOf(answer));
    await this.reader.read(conversationId, answer.key, rest);
  }

  private async fetch(id: string): Promise<void> {
    const before = this.messages(id);
    try {
      const conversation = await this.stored(id);
      // What was asked here since then is not in it yet, or has no id here by which it could be known.
      const stale = this.conversation(id)?.load === "ready" && this.messages(id) !== before;
      if (!stale) this.store.dispatch({ type: "conversation/loaded", conversation });
    } catch (error) {
      this.reader.noticeSignOut(error);
      const missing = error instanceof ApiError && error.status === 404;
      this.store.dispatch({ type: "conversation/failed", id, missing });
    }
  }

  /** Ask for a conversation; its title and so on are those from here where they were changed meanwhile. */
  private async stored(id: string): Promise<StoredConversation> {
    const summary = () => summaryOf(this.store.getState(), id);
    const before = summary();
    const stored = await this.api.conversation(id);
    return summary() === before ? stored : { ...stored, ...summary() };
  }

  private async readRunning(id: string): Promise<void> {
    const running = runningAnswer(this.conversation(id));
    if (running !== null && !this.reader.reads(running.key)) await this.readOn(id, running);
  }

  private conversation(id: string) {
    return this.store.getState().conversations[id];
  }

  private messages(id: string): Message[] | undefined {
    return this.conversation(id)?.messages;
  }
}
