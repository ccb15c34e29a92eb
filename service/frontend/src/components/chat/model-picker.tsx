"use client";

import { useTexts } from "@/components/preferences";
import { Icon } from "@/components/ui/icon";
import { modelLine } from "@/lib/chat/model-health";
import { selectedModelId } from "@/lib/chat/state";
import { useChat, useStore } from "./chat-context";

/** Choose the model for the next message. The browser's own list: it suits every device and reader. */
export function ModelPicker({ conversationId }: { conversationId: string | null }) {
  const texts = useTexts();
  const store = useStore();
  const models = useChat((state) => state.models);
  const selected = useChat((state) => selectedModelId(state, conversationId));

  if (selected === null) return null;
  return (
    <div className="relative min-w-0 rounded-lg hover:bg-hover">
      <select
        aria-label={texts.chat.model}
        className="h-9 w-full max-w-[60vw] appearance-none field-sizing-content truncate rounded-lg bg-transparent ps-3 pe-9 font-medium md:max-w-96"
        onChange={(event) =>
          store.dispatch({ type: "model/chosen", conversationId, modelId: event.target.value })
        }
        value={selected}
      >
        {models.map((model) => (
          <option className="bg-raised text-ink" key={model.id} value={model.id}>
            {modelLine(texts, model)}
          </option>
        ))}
      </select>
      <Icon
        className="pointer-events-none absolute end-2.5 top-1/2 -translate-y-1/2 text-quiet"
        name="chevron"
        size={16}
      />
    </div>
  );
}
