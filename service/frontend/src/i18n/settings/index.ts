import type { Locale } from "..";
import { en, type SettingsTexts } from "./en";
import { zh } from "./zh";

export type { SettingsTexts };

/** The texts of settings and usage: apart, so that the chat fetches less. */
export const SETTINGS_TEXTS: Record<Locale, SettingsTexts> = { en, zh };
