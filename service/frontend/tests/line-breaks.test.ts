import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { describe, expect, it } from "vitest";
import { lineBreaks } from "@/components/markdown/line-breaks";

function shown(source: string): string {
  const plugins = { children: source, remarkPlugins: [remarkGfm, lineBreaks] };
  return renderToStaticMarkup(createElement(ReactMarkdown, plugins));
}

describe("<br> in an answer", () => {
  it.each(["<br>", "<br/>", "<BR />"])("breaks the line of a table's cell as %s", (tag) => {
    expect(shown(`| a${tag}b |\n|---|`)).toContain("a<br/>\nb");
  });

  it("is a text within code, and so is whatever else looks like HTML", () => {
    expect(shown("`<br>`")).toContain("<code>&lt;br&gt;</code>");
    expect(shown("a<br onclick='x'>b<hr>")).not.toMatch(/<br|<hr/);
  });
});
