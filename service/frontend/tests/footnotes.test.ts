import { describe, expect, it } from "vitest";
import { shown } from "./shown";

const SOURCE = "a[^x] b[^x] [c](https://example.org)\n\n[^x]: d\n";

/** Some answers of one page. */
function page(locale: "en" | "zh", answers: number): string {
  return shown(Array<string>(answers).fill(SOURCE), { locale });
}

function all(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, found]) => found ?? "");
}

describe("footnotes", () => {
  it("have ids that no other answer has, and every link leads to one of its own", () => {
    const html = page("en", 2);
    const ids = all(html, / id="([^"]*)"/g);
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
    const wanted = all(html, / (?:href="#|aria-describedby=")([^"]*)"/g);
    expect(wanted).toHaveLength(12);
    expect(ids).toEqual(expect.arrayContaining(wanted));
  });

  it("are led to and back on this page, other links in a tab of their own", () => {
    const links = all(page("en", 1), /<a ([^>]*)>/g);
    const within = links.filter((link) => link.includes('href="#'));
    expect(within).toHaveLength(4);
    expect(within.filter((link) => link.includes("target="))).toEqual([]);
    expect(links.filter((link) => link.includes('target="_blank"'))).toHaveLength(1);
  });

  it("are named in the reader's language", () => {
    expect(all(page("en", 1), / aria-label="([^"]*)"/g)).toEqual([
      "Back to reference 1",
      "Back to reference 1-2",
    ]);
    expect(page("zh", 1)).toContain(">脚注</h2>");
    expect(page("zh", 1)).not.toMatch(/Footnotes|Back/);
  });
});
