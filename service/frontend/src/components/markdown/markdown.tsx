"use client";

import { memo, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import remarkGfm from "remark-gfm";
import remend from "remend";
import { useTexts } from "@/components/preferences";
import { Icon } from "@/components/ui/icon";
import { fill } from "@/i18n";
import { oncePerBlock, splitBlocks } from "@/lib/chat/blocks";
import { closedMath, holdsMath, normalMath } from "@/lib/chat/math";
import { NO_HEADINGS, type Outline, openBefore } from "@/lib/chat/outline";
import { CodeBlock } from "./code-block";
import { AnswerLink, useFootnotes } from "./footnotes";
import { outlineOf, type Plugins, placeHeadings } from "./headings";
import { lineBreaks } from "./line-breaks";
import { type Mathematics, useMath } from "./use-math";

/** A block still growing is coloured anew for each token: beyond this size only once it is finished. */
const LIVE_HIGHLIGHT_LIMIT = 6_000;

const REMARK: Plugins = [remarkGfm, lineBreaks];
// Made once: it learns all its languages anew each time it is made, which costs more than a block does.
const highlight = rehypeHighlight();
const HIGHLIGHT: Plugins = [() => highlight];
const NO_HIGHLIGHT: Plugins = [];

const components: Components = {
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  a: AnswerLink,
  // An image would tell its server that, and what, somebody reads here: offer it as a link.
  img: ({ src, alt }) => <ImageLink alt={alt ?? ""} src={typeof src === "string" ? src : ""} />,
  // The box of a task list; it can't be ticked, so it is a sign, not a control.
  input: ({ checked }) => <TaskBox done={checked === true} />,
  table: ({ children }) => (
    <div className="table-frame">
      <table>{children}</table>
    </div>
  ),
};

interface Props {
  source: string;
  /** More will come: unfinished marks (an open `**`, half a link) are completed for the eye. */
  streaming: boolean;
}

/**
 * Render a model's Markdown. Raw HTML in it, but for line breaks, is shown as text and addresses are limited to safe
 * schemes (both by react-markdown's defaults), so an answer can't script the page.
 */
export default function Markdown({ source, streaming }: Props) {
  const blocks = useMemo(() => splitBlocks(source), [source]);
  const holds = useMemo(() => oncePerBlock(holdsMath), []);
  const math = useMath(blocks.some(holds));
  const outline = useMemo(
    () => oncePerBlock((block) => outlineOf(...readable(block, math))),
    [math],
  );
  const open = openBefore(blocks, outline);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        <Block
          growing={streaming && index === blocks.length - 1}
          // The position is the identity here: blocks are only ever appended, the last one grows.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above.
          key={index}
          math={holds(block, index) ? math : null}
          open={open[index] ?? NO_HEADINGS}
          source={block}
        />
      ))}
    </div>
  );
}

interface BlockProps {
  source: string;
  growing: boolean;
  math: Mathematics | null;
  /** The headings of the blocks before it that are still open. */
  open: Outline;
}

const Block = memo(function Block({ source, growing, math, open }: BlockProps) {
  const [text, remark] = readable(source, math);
  const shown = useMemo(() => ({ ...components, ...math?.components }), [math]);
  const footnotes = useFootnotes();
  const dear = growing && source.length > LIVE_HIGHLIGHT_LIMIT;
  return (
    <div className="block-part" dir="auto">
      <ReactMarkdown
        components={shown}
        rehypePlugins={[
          [placeHeadings, open],
          ...footnotes.rehype,
          ...(dear ? NO_HIGHLIGHT : HIGHLIGHT),
        ]}
        remarkPlugins={remark}
        remarkRehypeOptions={footnotes.options}
      >
        {growing ? remend(closedMath(text), { linkMode: "text-only", katex: false }) : text}
      </ReactMarkdown>
    </div>
  );
});

/** Return a text as its plugins read it, and those. */
function readable(source: string, math: Mathematics | null): [text: string, remark: Plugins] {
  if (math === null) return [source, REMARK];
  return [normalMath(source), [...REMARK, ...math.remark]];
}

function TaskBox({ done }: { done: boolean }) {
  const { chat } = useTexts();
  return (
    <span
      aria-label={done ? chat.taskDone : chat.taskOpen}
      className="task-box"
      data-done={done}
      role="img"
    >
      {done && <Icon name="check" size={12} />}
    </span>
  );
}

function ImageLink({ src, alt }: { src: string; alt: string }) {
  const { chat } = useTexts();
  const text = fill(chat.image, { alt: alt || src });
  if (src === "") return text;
  return (
    <a href={src} rel="noopener noreferrer nofollow" target="_blank">
      {text}
    </a>
  );
}
