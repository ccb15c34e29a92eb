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

/** What the backend's sentence adds to ours (a model server's own words, a status), or null. */
export function detailForCode(code: string, message: string): string | null {
  const plain = Object.values(DICTIONARIES).some(({ errors }) => {
    const known: Readonly<Record<string, string>> = errors;
    return known[code] === message;
  });
  return plain || message === "" || !code.startsWith("model_") ? null : message;
}
