"use client";

import "katex/dist/katex.min.css";
import katex, { type KatexOptions } from "katex";
import { isValidElement, type ReactNode, useLayoutEffect, useRef } from "react";
import type { Components } from "react-markdown";
import remarkMath from "remark-math";
import { CodeBlock } from "./code-block";

/** An answer is a stranger's text: no links or images from formulas, no formula larger than a page. */
export const OPTIONS: KatexOptions = {
  trust: false,
  strict: "ignore",
  maxSize: 40,
  maxExpand: 500,
};

/** What reads and sets mathematics, with its fonts and style sheet: a chunk of its own that only formulas need. */
export const MATH = {
  remark: [[remarkMath, { singleDollarTextMath: false }]] as [
    typeof remarkMath,
    { singleDollarTextMath: boolean },
  ][],
  components: {
    // The Markdown renderer hands formulas on as code of the language "math".
    code: ({ className, children }) =>
      className?.includes("math-inline") ? (
        <Formula source={String(children)} />
      ) : (
        <code className={className}>{children}</code>
      ),
    pre: ({ children }) => {
      const source = displayed(children);
      return source === null ? (
        <CodeBlock>{children}</CodeBlock>
      ) : (
        <Formula display source={source} />
      );
    },
  } satisfies Components,
};

/**
 * Set one formula, for eyes and (as MathML) for ears.
 *
 * KaTeX makes elements here, not a text of HTML: the page's policy forbids style attributes that
 * are written down, and with good reason. What KaTeX can't read is shown as it was written.
 */
function Formula({ source, display = false }: { source: string; display?: boolean }) {
  const place = useRef<HTMLSpanElement>(null);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    try {
      katex.render(source, element, { ...OPTIONS, displayMode: display, throwOnError: true });
    } catch (error) {
      element.textContent = source;
      element.title = error instanceof Error ? error.message : "";
    }
  }, [source, display]);

  if (!display) return <span className="formula" ref={place} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <span className="formula formula-display" ref={place} tabIndex={0} />
  );
}

function displayed(children: ReactNode): string | null {
  if (!isValidElement<{ className?: string; children?: ReactNode }>(children)) return null;
  const { className = "", children: source } = children.props;
  return className.includes("math-display") ? String(source) : null;
}
