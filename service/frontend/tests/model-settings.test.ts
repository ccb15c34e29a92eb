import { describe, expect, it } from "vitest";
import { formOf, isSet, NO_SETTINGS, readForm, readNumber } from "@/lib/chat/model-settings";

describe("a number of the model's settings", () => {
  it.each([
    ["temperature", "0.7", 0.7],
    ["temperature", "0,7", 0.7],
    ["temperature", "１．５", 1.5],
    ["temperature", " 0 ", 0],
    ["temperature", "2", 2],
    ["top_p", "1", 1],
    ["max_tokens", "4096", 4096],
    ["max_tokens", "", null],
  ] as const)("%s %j is %s", (name, typed, expected) => {
    expect(readNumber(name, typed)).toBe(expected);
  });

  it.each([
    ["temperature", "2.1"],
    ["temperature", "-1"],
    ["temperature", "warm"],
    ["temperature", "1e0"],
    ["top_p", "0"],
    ["top_p", "1.01"],
    ["max_tokens", "0"],
    ["max_tokens", "1.5"],
    ["max_tokens", "1000001"],
  ] as const)("%s %j is refused", (name, typed) => {
    expect(readNumber(name, typed)).toBeUndefined();
  });
});

describe("the form", () => {
  it("gives back what it shows, and null for what is empty", () => {
    const settings = { ...NO_SETTINGS, system_prompt: "Be brief.", top_p: 0.9 };
    expect(readForm(formOf(settings))).toEqual({ settings, wrong: [] });
    expect(isSet(settings)).toBe(true);
    expect(isSet(readForm(formOf(NO_SETTINGS)).settings)).toBe(false);
  });

  it("names every number that is wrong", () => {
    const form = { ...formOf(NO_SETTINGS), temperature: "3", max_tokens: "many" };
    expect(readForm(form).wrong).toEqual(["temperature", "max_tokens"]);
  });
});
