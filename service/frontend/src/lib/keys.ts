import type { KeyboardEvent } from "react";

/** Enter that sends: without Shift, and not while an input method is composing (Chinese, Japanese …), to which it belongs. */
export function isPlainEnter(event: KeyboardEvent): boolean {
  const composing = event.nativeEvent.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !composing;
}
