import type { Locale } from "..";
import { type AdminTexts, en } from "./en";
import { zh } from "./zh";

export type { AdminTexts };

/** The texts of the administrators' pages: apart, so that nobody else's browser fetches them. */
export const ADMIN_TEXTS: Record<Locale, AdminTexts> = { en, zh };
