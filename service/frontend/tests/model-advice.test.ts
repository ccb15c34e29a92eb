import { describe, expect, it } from "vitest";
import { ADMIN_TEXTS } from "@/i18n/admin";
import { adviceFor } from "@/lib/admin/model-advice";
import type { ModelCheck } from "@/lib/api/admin";

const zh = ADMIN_TEXTS.zh.models;
const en = ADMIN_TEXTS.en.models;

function failing(code: string, detail: string, hint = "Backend's hint."): ModelCheck {
  return { model_id: "m", first_token_ms: null, code, detail, hint };
}

describe("the advice for a model that fails", () => {
  it.each([
    ["Nothing answers at 10.0.0.7:11553.", "10.0.0.7:11553", zh.hints.nothingThere],
    [
      "Nothing answers at 10.0.0.7:11553, but something listens at 127.0.0.1:11553.",
      "127.0.0.1:11553",
      zh.hints.loopback,
    ],
    [
      "Nothing answers at 127.0.0.1:80, but something listens at 172.18.0.1:80.",
      "172.18.0.1:80",
      "容器的网关 172.18.0.1。",
    ],
  ])("names addresses in the reader's language: %s", (detail, address, hint) => {
    const lines = adviceFor(zh, failing("model_unreachable", detail));
    expect(lines[0]).toContain(address);
    expect(lines[1]).toContain(hint);
    expect(lines.join("")).not.toMatch(/Nothing|listens|Backend/);
  });

  it("says the same as the backend to who reads English", () => {
    const detail = "Nothing answers at h:1, but something listens at 127.0.0.1:1.";
    expect(adviceFor(en, failing("model_unreachable", detail))[0]).toBe(detail);
  });

  it("leaves the model server's own words as they are", () => {
    const check = failing("model_failed", "The model server failed (HTTP 500): out of memory.");
    expect(adviceFor(zh, check)).toEqual(["HTTP 500: out of memory", zh.hints.other]);
  });

  it("is the hint alone where the sentence above says all", () => {
    expect(adviceFor(zh, failing("model_wrong_key", "The model server refused the key."))).toEqual([
      zh.hints.model_wrong_key,
    ]);
  });

  it("is the backend's for a code that isn't known", () => {
    expect(adviceFor(zh, failing("model_on_fire", "Smoke was seen.", "Call 119."))).toEqual([
      "Smoke was seen.",
      "Call 119.",
    ]);
  });

  it("is none for a model that answers", () => {
    const check = { model_id: "m", first_token_ms: 12, code: null, detail: null, hint: null };
    expect(adviceFor(zh, check)).toEqual([]);
  });
});
