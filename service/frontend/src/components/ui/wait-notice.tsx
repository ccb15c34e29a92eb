"use client";

import { useEffect, useState } from "react";
import { usePreferences, useTexts } from "@/components/preferences";
import { type Dictionary, fill, LANGUAGE_TAGS } from "@/i18n";
import { waitUntil } from "@/lib/wait";
import { Notice } from "./notice";

interface Props {
  text: string;
  /** When it may be tried again, in milliseconds since 1970. */
  until: number;
}

/** A refusal for a while: it counts down, and says when the while is over. */
export function WaitNotice({ text, until }: Props) {
  const { wait } = useTexts();
  const { locale } = usePreferences();
  const [began] = useState(Date.now);
  const [now, setNow] = useState(began);
  const over = now >= until;

  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [over]);

  if (over) return <Notice kind="info">{wait.over}</Notice>;
  const sentence = (at: number) => sentenceOf(wait, until, at, LANGUAGE_TAGS[locale]);
  return (
    <Notice kind="problem">
      <p>{text}</p>
      {/* Read out once: a screen reader would announce every second. */}
      <p className="sr-only">{sentence(began)}</p>
      <p aria-hidden="true" className="mt-1 tabular-nums">
        {sentence(now)}
      </p>
    </Notice>
  );
}

function sentenceOf(texts: Dictionary["wait"], until: number, now: number, language: string) {
  const left = waitUntil(until, now);
  if (left !== null) {
    return fill(texts.for, { time: fill(texts[left.unit], { count: left.count }) });
  }
  const format = new Intl.DateTimeFormat(language, { timeStyle: "short" });
  return fill(texts.at, { time: format.format(until) });
}
