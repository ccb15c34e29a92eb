import type { Message } from "./state";

const LINE_PX = 27;
const CHARACTERS_A_LINE = 75;
/** What stands around the text: margins, and below an answer what can be done with it. */
const AROUND_PX = { user: 76, assistant: 88 };

/** About how high a message is, in CSS pixels, for as long as nobody has seen it. */
export function estimatedHeight({ role, content }: Pick<Message, "role" | "content">): number {
  let lines = 0;
  for (const line of content.split("\n")) lines += Math.ceil(line.length / CHARACTERS_A_LINE);
  return AROUND_PX[role] + lines * LINE_PX;
}
