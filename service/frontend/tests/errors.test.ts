import { describe, expect, it } from "vitest";
import { DICTIONARIES } from "@/i18n";
import { ApiError, errorFromResponse } from "@/lib/api/errors";
import { detailForCode, textForCode, textForError } from "@/lib/error-text";

describe("a refusal", () => {
  it("carries the backend's code and sentence", async () => {
    const response = Response.json({ detail: "Taken.", code: "username_taken" }, { status: 409 });
    expect(await errorFromResponse(response)).toMatchObject({
      status: 409,
      code: "username_taken",
      message: "Taken.",
    });
  });

  it.each([
    [502, "<html>Bad Gateway</html>", "server_error"],
    [413, "", "too_large"],
    [422, '{"detail":[{"loc":["body"]}]}', "refused"],
    [401, "null", "not_authenticated"],
  ])("with status %s from something in between still has a code", async (status, body, code) => {
    const error = await errorFromResponse(new Response(body, { status }));
    expect(error).toMatchObject({ status, code, message: `HTTP ${status}` });
  });
});

describe("a refusal for a while", () => {
  it.each([
    ["42", 42],
    ["Wed, 21 Oct 2026 07:28:00 GMT", null],
    [null, null],
  ])("with Retry-After %s asks to wait %s seconds", async (header, seconds) => {
    const headers = header === null ? {} : { "Retry-After": header };
    const response = Response.json({ detail: "Wait.", code: "x" }, { status: 429, headers });
    expect((await errorFromResponse(response)).retryAfter).toBe(seconds);
  });
});

describe("the text for an error", () => {
  it("is in the reader's language when the code is known, else the backend's sentence", () => {
    const { zh } = DICTIONARIES;
    expect(textForCode(zh, "username_taken", "Taken.")).toBe(zh.errors.username_taken);
    expect(textForCode(zh, "brand_new_code", "Something new.")).toBe("Something new.");
    expect(textForCode(zh, "brand_new_code", "")).toBe(zh.errors.unknown);
    expect(textForCode(zh, "constructor", "Odd code.")).toBe("Odd code.");
  });

  it("is a general one for what is no refusal at all", () => {
    const { en } = DICTIONARIES;
    expect(textForError(en, new TypeError("x is undefined"))).toBe(en.errors.server_error);
    expect(textForError(en, ApiError.network("refused"))).toBe(en.errors.network);
  });
});

describe("the detail below it", () => {
  it("is what the model server added, not the same sentence in another language", () => {
    expect(detailForCode("model_failed", "The model server failed (HTTP 500).")).toBe("HTTP 500");
    expect(detailForCode("model_busy", "The model server is busy.")).toBeNull();
    expect(detailForCode("model_timeout", DICTIONARIES.zh.errors.model_timeout)).toBeNull();
    expect(detailForCode("username_taken", "Taken.")).toBeNull();
  });

  it.each([
    [
      "model_failed",
      "The model server failed (HTTP 503): No slot (of 4) is free.",
      "HTTP 503: No slot (of 4) is free",
    ],
    [
      "model_failed",
      "The model server failed (HTTP 500): CUDA (device 0): out of memory.",
      "HTTP 500: CUDA (device 0): out of memory",
    ],
    [
      "model_failed",
      "The model server reported an error: out of memory: 3 GB.",
      "out of memory: 3 GB",
    ],
    [
      "model_refused",
      "The model server refused the request: context (max 4096).",
      "context (max 4096)",
    ],
    ["model_unknown", "The model server doesn't know this model: glm-5.", "glm-5"],
    [
      "model_wrong_path",
      "The model's URL is not a chat-completions address (HTTP 404).",
      "HTTP 404",
    ],
    [
      "model_bad_answer",
      "The model server sent an answer that can't be read (not HTTP).",
      "not HTTP",
    ],
    [
      "model_bad_answer",
      "The model server sent an answer that can't be read (at 1 (char 0)).",
      "at 1 (char 0)",
    ],
    [
      "model_cut_off",
      "The model server closed the connection before its answer was complete.",
      null,
    ],
    ["model_on_fire", "Smoke was seen.", "Smoke was seen."],
  ])("of %s leaves out the backend's own words: %s", (code, message, detail) => {
    expect(detailForCode(code, message)).toBe(detail);
  });
});
