"use client";

import { usePreferences, useTexts } from "@/components/preferences";
import { LANGUAGE_TAGS, LOCALE_NAMES, LOCALES } from "@/i18n";

/** Choose the language; each is named in itself, so that it is found by those who need it. */
export function LocaleSwitch() {
  const { locale, setLocale } = usePreferences();
  const { account } = useTexts();
  return (
    <fieldset className="inline-flex gap-1 text-sm">
      <legend className="sr-only">{account.language}</legend>
      {LOCALES.map((option) => (
        <button
          aria-pressed={option === locale}
          className="min-h-9 rounded-lg px-3 text-quiet hover:bg-hover aria-pressed:font-medium aria-pressed:text-ink"
          key={option}
          lang={LANGUAGE_TAGS[option]}
          onClick={() => setLocale(option)}
          type="button"
        >
          {LOCALE_NAMES[option]}
        </button>
      ))}
    </fieldset>
  );
}
