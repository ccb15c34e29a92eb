"use client";

import { usePreferences } from "@/components/preferences";
import { SETTINGS_TEXTS, type SettingsTexts } from "@/i18n/settings";

/** The texts of settings and usage in the reader's language. */
export function useSettingsTexts(): SettingsTexts {
  return SETTINGS_TEXTS[usePreferences().locale];
}
