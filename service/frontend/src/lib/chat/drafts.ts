const PREFIX = "llmchat_draft.";
const UNSENT = ".unsent";

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/**
 * What was begun to be written, by user and conversation, in this browser only.
 *
 * A browser may have no room or forbid it: then a draft lasts as long as the page does.
 */
export class Drafts {
  constructor(
    private readonly store: Store | null,
    private readonly userId: string,
  ) {}

  read(conversationId: string | null): string {
    return attempt(() => this.store?.getItem(this.key(conversationId))) ?? "";
  }

  write(conversationId: string | null, text: string): void {
    const key = this.key(conversationId);
    attempt(() => (text === "" ? this.store?.removeItem(key) : this.store?.setItem(key, text)));
  }

  /** Have a text again that was sent in vain, before what has been begun meanwhile. */
  putBack(conversationId: string, text: string): void {
    this.write(conversationId, putBefore(text, this.read(conversationId)));
  }

  /** What was sent in vain: it lives on the page only, and would go with it. */
  readUnsent(conversationId: string | null): string {
    return this.read(`${conversationId ?? "new"}${UNSENT}`);
  }

  writeUnsent(conversationId: string | null, text: string): void {
    this.write(`${conversationId ?? "new"}${UNSENT}`, text);
  }

  private key(conversationId: string | null): string {
    return `${PREFIX}${this.userId}.${conversationId ?? "new"}`;
  }
}

/** A text that comes back, and below it what was begun since. */
export function putBefore(returned: string, begun: string): string {
  return [returned, begun].filter((text) => text.trim() !== "").join("\n\n");
}

/** Take away every draft of this browser: somebody else may use it next. */
export function forgetDrafts(store: Store | null): void {
  attempt(() => {
    const keys = Array.from({ length: store?.length ?? 0 }, (_, index) => store?.key(index) ?? "");
    for (const key of keys.filter((name) => name.startsWith(PREFIX))) store?.removeItem(key);
  });
}

/** This browser's storage, or null where it is forbidden. */
export function browserStorage(): Storage | null {
  return attempt(() => window.localStorage) ?? null;
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
