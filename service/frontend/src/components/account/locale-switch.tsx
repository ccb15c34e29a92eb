"use client";

import { usePreferences, useTexts } from "@/components/preferences";
import { LANGUAGE_TAGS, LOCALE_NAMES, LOCALES } from "@/i18n";

/** Choose the language; each is named in itself, so that it is found by those who need it. */
export function LocaleSwitch() {
  const { locale, setLocale } = usePreferences();
  const { account } = useTexts();
  return (
    <fieldset>
      <legend className="sr-only">{account.language}</legend>
      <div className="inline-grid w-full grid-flow-col auto-cols-fr gap-1 rounded-lg bg-soft p-1 text-sm">
        {LOCALES.map((option) => (
          <button
            aria-pressed={option === locale}
            className="min-h-8 rounded-md px-3 text-quiet aria-pressed:bg-chosen aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-sm"
            key={option}
            lang={LANGUAGE_TAGS[option]}
            onClick={() => setLocale(option)}
            type="button"
          >
            {LOCALE_NAMES[option]}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
