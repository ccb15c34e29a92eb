import { type Dictionary, fill } from "@/i18n";
import type { Model } from "@/lib/api/types";
import { textForCode } from "@/lib/error-text";
import { type ChatState, selectedModelId } from "./state";

export function isFailing(model: Model | undefined): boolean {
  return model?.health?.state === "failing";
}

/** A model's line in the picker: a sign and words where it fails, never a colour alone. */
export function modelLine(texts: Dictionary, model: Model): string {
  return isFailing(model) ? fill(texts.chat.modelFailing, { model: model.label }) : model.label;
}

/** Why the chosen model is in trouble, in a sentence; null where it isn't, or nothing is known. */
export function modelTrouble(texts: Dictionary, model: Model | undefined): string | null {
  if (model === undefined || !isFailing(model)) return null;
  const reason = textForCode(texts, model.health?.code ?? "", "");
  return fill(texts.chat.modelTrouble, { model: model.label, reason });
}

/** The model that the next message of a conversation goes to. */
export function selectedModel(state: ChatState, conversationId: string | null): Model | undefined {
  const id = selectedModelId(state, conversationId);
  return state.models.find((model) => model.id === id);
}

/** Changes when an answer of a conversation ends, which tells something about its model. */
export function lastEnd(state: ChatState, conversationId: string | null): string | null {
  const last = state.conversations[conversationId ?? ""]?.messages.at(-1);
  if (last === undefined || last.status === "running") return null;
  return `${last.key} ${last.status}`;
}
