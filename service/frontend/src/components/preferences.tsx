"use client";

import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { DICTIONARIES, type Dictionary, LANGUAGE_TAGS, type Locale } from "@/i18n";
import { LOCALE_COOKIE, rememberChoice, THEME_COOKIE, type Theme } from "@/lib/preferences";

interface Preferences {
  locale: Locale;
  theme: Theme;
  setLocale: (locale: Locale) => void;
  setTheme: (theme: Theme) => void;
}

const PreferencesContext = createContext<Preferences | null>(null);

interface Props {
  initialLocale: Locale;
  initialTheme: Theme;
  children: ReactNode;
}

/** Hold the reader's language and colours; a choice applies at once and to the next visit. */
export function PreferencesProvider({ initialLocale, initialTheme, children }: Props) {
  const [locale, setLocale] = useState(initialLocale);
  const [theme, setTheme] = useState(initialTheme);
  const preferences = useMemo<Preferences>(
    () => ({
      locale,
      theme,
      setLocale: (next) => {
        rememberChoice(LOCALE_COOKIE, next);
        document.documentElement.lang = LANGUAGE_TAGS[next];
        setLocale(next);
      },
      setTheme: (next) => {
        rememberChoice(THEME_COOKIE, next);
        document.documentElement.dataset.theme = next;
        setTheme(next);
      },
    }),
    [locale, theme],
  );
  return <PreferencesContext value={preferences}>{children}</PreferencesContext>;
}

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === null) throw new Error("usePreferences outside of PreferencesProvider");
  return preferences;
}

/** The page's texts in the reader's language. */
export function useTexts(): Dictionary {
  return DICTIONARIES[usePreferences().locale];
}
