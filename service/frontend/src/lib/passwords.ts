import type { Dictionary } from "@/i18n";

type FieldText = keyof Dictionary["fields"];

const MIN_CHARACTERS = 8;
/** The backend's hash takes no more; counted in bytes, and a Chinese character has three. */
const MAX_BYTES = 72;

/** What is wrong with a new password, by the backend's rules, or null. */
export function passwordProblem(password: string): FieldText | null {
  if (password === "") return "passwordMissing";
  if ([...password].length < MIN_CHARACTERS) return "passwordShort";
  if (new TextEncoder().encode(password).length > MAX_BYTES) return "passwordLong";
  return null;
}
