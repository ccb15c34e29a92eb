"use client";

import { useTexts } from "@/components/preferences";
import { Notice } from "@/components/ui/notice";
import { WaitNotice } from "@/components/ui/wait-notice";
import type { Failure } from "@/lib/chat/state";
import { textForCode } from "@/lib/error-text";

/** How long a stream of one's own goes on, nobody knows: there is nothing to count down. */
const OPEN_END = "stream_limit";

/** Why something was not done, and where that is for a while only, for how long. */
export function FailureNotice({ failure }: { failure: Failure }) {
  const texts = useTexts();
  const { code, message, until } = failure;
  const text = textForCode(texts, code, message);
  if (until === undefined || code === OPEN_END) return <Notice kind="problem">{text}</Notice>;
  return <WaitNotice key={until} text={text} until={until} />;
}
