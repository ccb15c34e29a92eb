import { describe, expect, it } from "vitest";
import { keyName, SHORTCUT_KEYS, shortcutOf } from "@/lib/shortcuts";

function press(keys: string) {
  const parts = keys.split("+");
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: parts.includes("Ctrl"),
    metaKey: parts.includes("Meta"),
    altKey: parts.includes("Alt"),
    shiftKey: parts.includes("Shift"),
  };
}

describe("a shortcut", () => {
  it.each([
    ["Ctrl+k", "search"],
    ["Meta+k", "search"],
    ["Ctrl+K", "search"],
    ["Ctrl+Shift+O", "newChat"],
    ["Shift+Escape", "message"],
    ["Ctrl+/", "shortcuts"],
    ["Ctrl+Shift+/", "shortcuts"],
  ])("%s is %s", (keys, expected) => {
    expect(shortcutOf(press(keys))).toBe(expected);
  });

  it.each(["k", "/", "?", "Escape", "Ctrl+o", "Ctrl+Shift+K", "Ctrl+Alt+k", "Ctrl+Escape"])(
    "%s is none: it belongs to the text or to the browser",
    (keys) => {
      expect(shortcutOf(press(keys))).toBeNull();
    },
  );

  it("has a modifier, always", () => {
    for (const keys of Object.values(SHORTCUT_KEYS)) expect(keys.length).toBeGreaterThan(1);
  });

  it("is named as it is on the reader's keyboard", () => {
    expect(SHORTCUT_KEYS.search.map((key) => keyName(key, false))).toEqual(["Ctrl", "K"]);
    expect(SHORTCUT_KEYS.search.map((key) => keyName(key, true))).toEqual(["⌘", "K"]);
  });
});
