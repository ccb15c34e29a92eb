"use client";

import { usePreferences, useTexts } from "@/components/preferences";
import { THEMES } from "@/lib/preferences";

/** Choose light or dark, or leave it to the system. */
export function ThemeSwitch() {
  const { theme, setTheme } = usePreferences();
  const { account } = useTexts();
  const names = {
    system: account.themeSystem,
    light: account.themeLight,
    dark: account.themeDark,
  };
  return (
    <fieldset>
      <legend className="sr-only">{account.theme}</legend>
      <div className="grid grid-cols-3 gap-1 rounded-lg bg-soft p-1 text-sm">
        {THEMES.map((option) => (
          <button
            aria-pressed={option === theme}
            className="min-h-8 rounded-md px-1 text-quiet aria-pressed:bg-chosen aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-sm"
            key={option}
            onClick={() => setTheme(option)}
            type="button"
          >
            {names[option]}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
