import { describe, expect, it } from "vitest";
import { DICTIONARIES } from "@/i18n";
import type { Model, ModelHealth } from "@/lib/api/types";
import { lastEnd, modelLine, modelTrouble, selectedModel } from "@/lib/chat/model-health";
import { chatReducer } from "@/lib/chat/reducer";
import { initialChatState } from "@/lib/chat/state";
import { AT, storedMessage, summaryOf } from "./fixtures";

const FAILING: ModelHealth = { state: "failing", code: "model_unreachable", since: AT };
const OK: ModelHealth = { state: "ok", code: null, since: null };
const UNKNOWN: ModelHealth = { state: "unknown", code: null, since: null };

function model(health?: ModelHealth, id = "m"): Model {
  return { id, label: "GLM-4", default: false, vision: false, ...(health && { health }) };
}

describe("the picker", () => {
  it("marks a model that fails by a sign and by words, in both languages", () => {
    expect(modelLine(DICTIONARIES.en, model(FAILING))).toBe("⚠ GLM-4 (not answering)");
    expect(modelLine(DICTIONARIES.zh, model(FAILING))).toBe("⚠ GLM-4（没有响应）");
  });

  it.each([OK, UNKNOWN])("says nothing of one that is $state", (health) => {
    expect(modelLine(DICTIONARIES.en, model(health))).toBe("GLM-4");
    expect(modelTrouble(DICTIONARIES.en, model(health))).toBeNull();
  });

  it("says nothing where the service, of an earlier release, says nothing", () => {
    expect(modelLine(DICTIONARIES.en, model())).toBe("GLM-4");
    expect(modelTrouble(DICTIONARIES.en, model())).toBeNull();
  });

  it("gives the reason in the reader's language, and a general one for a code it doesn't know", () => {
    expect(modelTrouble(DICTIONARIES.en, model(FAILING))).toBe(
      "GLM-4 is not answering just now. The model server can't be reached.",
    );
    expect(modelTrouble(DICTIONARIES.zh, model(FAILING))).toContain(
      DICTIONARIES.zh.errors.model_unreachable,
    );
    const new_reason = model({ ...FAILING, code: "model_on_fire" });
    expect(modelTrouble(DICTIONARIES.en, new_reason)).toContain(DICTIONARIES.en.errors.unknown);
    expect(modelTrouble(DICTIONARIES.en, undefined)).toBeNull();
  });

  it("is about the model that the next message goes to", () => {
    const models = [model(OK, "m1"), model(FAILING, "m2")];
    const loaded = chatReducer(initialChatState, { type: "models/loaded", models });
    expect(selectedModel(loaded, null)?.id).toBe("m1");
    const chosen = chatReducer(loaded, {
      type: "model/chosen",
      conversationId: null,
      modelId: "m2",
    });
    expect(modelTrouble(DICTIONARIES.en, selectedModel(chosen, null))).not.toBeNull();
  });
});

describe("the end of an answer", () => {
  const state = (status: "running" | "error" | "complete") =>
    chatReducer(initialChatState, {
      type: "conversation/loaded",
      conversation: {
        ...summaryOf("c"),
        messages: [
          storedMessage("q", "user", "Hi"),
          storedMessage("a", "assistant", "", { status }),
        ],
      },
    });

  it("is told once it has come, and another one is another", () => {
    expect(lastEnd(state("running"), "c")).toBeNull();
    expect(lastEnd(state("error"), "c")).toBe("a error");
    expect(lastEnd(state("complete"), "c")).toBe("a complete");
    expect(lastEnd(state("error"), null)).toBeNull();
  });
});
