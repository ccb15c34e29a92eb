import { describe, expect, it } from "vitest";
import { DICTIONARIES, fill, LOCALES, negotiateLocale } from "@/i18n";
import { ADMIN_TEXTS } from "@/i18n/admin";
import { SETTINGS_TEXTS } from "@/i18n/settings";

function texts(dictionary: object, path = ""): [string, string][] {
  return Object.entries(dictionary).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : texts(value as object, `${path}${key}.`),
  );
}

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe.each([
  ["the page", DICTIONARIES],
  ["the settings", SETTINGS_TEXTS],
  ["the administrators' pages", ADMIN_TEXTS],
])("each dictionary of %s", (_, dictionaries) => {
  const reference = new Map(texts(dictionaries.en));

  for (const locale of LOCALES) {
    it(`${locale} has every text, none empty, none besides, with the same places to fill`, () => {
      const own = new Map(texts(dictionaries[locale]));
      expect([...own.keys()].sort()).toEqual([...reference.keys()].sort());
      for (const [key, text] of own) {
        expect(text.trim(), key).not.toBe("");
        expect(places(text), key).toEqual(places(reference.get(key) ?? ""));
      }
    });
  }
});

describe("the dictionary", () => {
  it("uses the guide's words for a model that does not answer", () => {
    expect(DICTIONARIES.zh.errors.model_timeout).toBe("模型响应超时，请检查网络连接或稍后重试");
  });
});

describe("the language", () => {
  it.each([
    ["zh", "en-US,en;q=0.9", "zh"],
    [undefined, "zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    [undefined, "fr,en;q=0.3,zh;q=0.6", "zh"],
    [undefined, "zh;q=0, en", "en"],
    [undefined, "de", "en"],
    [undefined, null, "en"],
    ["klingon", "zh-TW", "zh"],
  ])("for choice %s and browser %s is %s", (choice, header, expected) => {
    expect(negotiateLocale(choice, header)).toBe(expected);
  });
});

describe("filling a text", () => {
  it("takes values as they are, even ones that look like places", () => {
    expect(fill("{a} and {b}", { a: "{b}", b: 2 })).toBe("{b} and 2");
    expect(fill("{unknown}", {})).toBe("{unknown}");
  });
});
