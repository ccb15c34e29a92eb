import type { Dictionary } from "@/i18n";
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
