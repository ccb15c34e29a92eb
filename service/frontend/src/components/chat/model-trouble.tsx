"use client";

import { useEffect } from "react";
import { useTexts } from "@/components/preferences";
import { Icon } from "@/components/ui/icon";
import { isFailing, lastEnd, modelTrouble, selectedModel } from "@/lib/chat/model-health";
import { useChat, useSession } from "./chat-context";

/** Say below the picker that the chosen model is in trouble, and why; read out when it appears. */
export function ModelTrouble({ conversationId }: { conversationId: string | null }) {
  const texts = useTexts();
  const session = useSession();
  const model = useChat((state) => selectedModel(state, conversationId));
  const ended = useChat((state) => lastEnd(state, conversationId));
  const failing = isFailing(model);
  const failed = ended?.endsWith(" error") ?? false;

  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again when an answer ends, not when a model fails.
  useEffect(() => {
    if (failed || (ended !== null && failing)) void session.loadModels();
  }, [session, ended, failed]);

  const trouble = modelTrouble(texts, model);
  return (
    <div className="shrink-0" role="status">
      {trouble !== null && (
        <p className="flex items-start gap-2 bg-danger-soft px-4 py-2 text-sm text-danger md:px-6">
          <Icon className="mt-0.5 shrink-0" name="alert" size={16} />
          <span className="min-w-0">{trouble}</span>
        </p>
      )}
    </div>
  );
}
