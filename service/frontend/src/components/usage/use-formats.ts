"use client";

import { useMemo } from "react";
import { usePreferences } from "@/components/preferences";
import { LANGUAGE_TAGS } from "@/i18n";

/** Numbers, days and times as the reader's language writes them. */
export function useFormats() {
  const { locale } = usePreferences();
  return useMemo(() => {
    const language = LANGUAGE_TAGS[locale];
    const number = new Intl.NumberFormat(language);
    const short = new Intl.NumberFormat(language, { notation: "compact" });
    // A day of the backend is one of UTC, wherever the reader is.
    const day = new Intl.DateTimeFormat(language, {
      month: "short",
      day: "numeric",
      timeZone: "UTC",
    });
    const date = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
    const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    return {
      number: (value: number) => number.format(value),
      short: (value: number) => short.format(value),
      day: (value: string) => day.format(new Date(`${value}T00:00:00Z`)),
      date: (value: string) => date.format(new Date(value)),
      time: (value: string) => time.format(new Date(value)),
    };
  }, [locale]);
}
