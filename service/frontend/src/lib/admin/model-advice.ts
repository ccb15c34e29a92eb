import { DICTIONARIES, fill } from "@/i18n";
import type { AdminTexts } from "@/i18n/admin";
import type { ModelCheck } from "@/lib/api/admin";
import { detailForCode } from "@/lib/error-text";

type Words = AdminTexts["models"];

/** What the backend says where nobody answers, after it has knocked at this machine's other doors. */
const REFUSAL =
  /^Nothing answers at (?<address>\S+?)(?:, but something listens at (?<other>\S+?))?\.$/;

/** What was seen of a model that fails, and what to do about it: what we know of in the reader's language. */
export function adviceFor(words: Words, { code, detail, hint }: ModelCheck): string[] {
  if (code === null) return [];
  const { address, other } = REFUSAL.exec(detail ?? "")?.groups ?? {};
  if (address === undefined) {
    const lines = [detailForCode(code, detail ?? ""), hintFor(words, code, hint)];
    return lines.filter((line) => line !== null);
  }
  if (other === undefined) return [fill(words.nothingThere, { address }), words.hints.nothingThere];
  const host = other.replace(/:\d+$/, "");
  const { loopback, gateway } = words.hints;
  const advice = host === "127.0.0.1" ? loopback : fill(gateway, { other: host });
  return [fill(words.elsewhere, { address, other }), advice];
}

/** A code that only a newer backend knows has that one's hint. */
function hintFor(words: Words, code: string, hint: string | null): string | null {
  const own: Readonly<Record<string, string>> = words.hints;
  if (code.startsWith("model_") && Object.hasOwn(own, code)) return own[code] ?? hint;
  return Object.hasOwn(DICTIONARIES.en.errors, code) ? words.hints.other : hint;
}
