/**
 * LaTeX as models write it, brought to the one form that the Markdown renderer reads as mathematics.
 *
 * Models write `\(…\)`, `\[…\]`, `$…$` and `$$…$$`. The renderer knows `$$…$$` only, within a line or with
 * the dollars on lines of their own: one dollar may be money. So the others are rewritten, single dollars by
 * Pandoc's rule (no space inside either dollar, no digit after the second), and a line that is nothing but
 * `$$…$$` is set as a formula of its own, as Pandoc has it. Code stays as it is.
 */
export function normalMath(source: string): string {
  if (!mayHoldMath(source)) return source;
  let result = "";
  let end = 0;
  for (const code of source.matchAll(CODE)) {
    result += rewrite(source.slice(end, code.index)) + code[0];
    end = code.index + code[0].length;
  }
  return result + rewrite(source.slice(end));
}

/** Whether a text may hold mathematics: only then the renderer of mathematics is fetched. */
export function holdsMath(source: string): boolean {
  return mayHoldMath(source) && normalMath(source).includes("$$");
}

/** Leave away a formula that is still being written: half of one can't be set, and half a second later it is whole. */
export function closedMath(source: string): string {
  const last = source.lastIndexOf("$$");
  const open = source.split("$$").length % 2 === 0;
  return open && source.length - last < LONGEST_OPEN ? source.slice(0, last) : source;
}

function mayHoldMath(source: string): boolean {
  return source.includes("$") || source.includes("\\(") || source.includes("\\[");
}

/** Two dollars with more than that behind them begin no formula. */
const LONGEST_OPEN = 600;

/** Fenced code, to the end where the fence is still open, and code spans. */
const CODE =
  /^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\1[`~]*[ \t]*$|(?![\s\S]))|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)/gm;

const DISPLAY_LINE = /^([ \t]*)\$\$(?!\$)([^$\n]*[^$\s])[ \t]*\$\$[ \t]*$/gm;
const DISPLAY = /^([ \t]*)\\\[([\s\S]+?)\\\][ \t]*$/gm;
const DISPLAY_WITHIN = /\\\[([^\n]+?)\\\]/g;
const INLINE = /\\\(([^\n]+?)\\\)/g;
const DOLLAR = /(?<![\\$])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$])/g;

function rewrite(text: string): string {
  return text
    .replace(DISPLAY_LINE, (_, indent: string, body: string) =>
      ["$$", body.trim(), "$$"].map((line) => indent + line).join("\n"),
    )
    .replace(DISPLAY, (_, indent: string, body: string) => {
      const lines = body.trim().split(/\n\s*/);
      return ["$$", ...lines, "$$"].map((line) => indent + line).join("\n");
    })
    .replace(DISPLAY_WITHIN, (_, body: string) => `$$${body.trim()}$$`)
    .replace(INLINE, (_, body: string) => `$$${body.trim()}$$`)
    .replace(DOLLAR, (_, body: string) => `$$${body}$$`);
}
