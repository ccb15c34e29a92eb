import { DICTIONARIES, type Dictionary } from "@/i18n";
import { ApiError } from "@/lib/api/errors";

/** The sentence for an error code in the reader's language, else the backend's own, else a general one. */
export function textForCode(texts: Dictionary, code: string, message: string): string {
  const known: Readonly<Record<string, string>> = texts.errors;
  return (Object.hasOwn(known, code) ? known[code] : undefined) || message || texts.errors.unknown;
}

export function textForError(texts: Dictionary, error: unknown): string {
  if (error instanceof ApiError) return textForCode(texts, error.code, error.message);
  return texts.errors.server_error;
}

/** The backend's sentences of a model server: what it saw itself, such as `HTTP 500`, and the server's own words. */
const SENTENCE = /^The model[^:(]*(?: \((?<seen>.*?)\))?(?:: (?<said>.*))?\.$/s;

/** What the backend's sentence adds to ours, whatever language that is in, or null; one of another form is kept. */
export function detailForCode(code: string, message: string): string | null {
  const plain = Object.values(DICTIONARIES).some(({ errors }) => {
    const known: Readonly<Record<string, string>> = errors;
    return known[code] === message;
  });
  if (plain || message === "" || !code.startsWith("model_")) return null;
  const parts = SENTENCE.exec(message)?.groups;
  if (parts === undefined) return message;
  return [parts.seen, parts.said].filter(Boolean).join(": ") || null;
}
