/** What the keyboard can ask for anywhere in the chat. */
export type Shortcut = "search" | "newChat" | "message" | "shortcuts";

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/**
 * The keys of each, as a list shows them; `Mod` is Ctrl, or ⌘ on a Mac.
 *
 * All have a modifier, so that speech input and a slip of the finger set nothing off (WCAG 2.1.4).
 */
export const SHORTCUT_KEYS: Readonly<Record<Shortcut, readonly string[]>> = {
  search: ["Mod", "K"],
  newChat: ["Mod", "Shift", "O"],
  message: ["Shift", "Esc"],
  shortcuts: ["Mod", "/"],
};

/** What a pressed key asks for, or null. `/` counts wherever a keyboard has it, with Shift or without. */
export function shortcutOf(event: Pressed): Shortcut | null {
  const { key, altKey, shiftKey } = event;
  const mod = event.ctrlKey || event.metaKey;
  if (altKey) return null;
  if (key === "Escape") return shiftKey && !mod ? "message" : null;
  if (!mod) return null;
  if (key === "/") return "shortcuts";
  if (key.toLowerCase() === "k") return shiftKey ? null : "search";
  if (key.toLowerCase() === "o") return shiftKey ? "newChat" : null;
  return null;
}

/** The name of a key on this reader's keyboard. */
export function keyName(key: string, mac: boolean): string {
  if (key === "Mod") return mac ? "⌘" : "Ctrl";
  if (key === "Shift") return mac ? "⇧" : "Shift";
  return key;
}

export function isMac(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}
