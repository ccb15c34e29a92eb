"use client";

import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { textForError } from "@/lib/error-text";

interface Props {
  failure: unknown;
  onRetry: () => void;
}

/** In the place of what is being fetched, or could not be. */
export function Loading({ failure, onRetry }: Props) {
  const texts = useTexts();
  if (failure === null) {
    return (
      <p className="py-6 text-quiet" role="status">
        {texts.common.loading}
      </p>
    );
  }
  return (
    <div className="space-y-4 py-4">
      <Notice kind="problem">{textForError(texts, failure)}</Notice>
      <Button onClick={onRetry}>{texts.common.retry}</Button>
    </div>
  );
}
