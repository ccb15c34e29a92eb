import ReactMarkdown, { type ExtraProps, type Options } from "react-markdown";
import { joined, levelOf, NO_HEADINGS, type Outline } from "@/lib/chat/outline";

export type Plugins = NonNullable<Options["remarkPlugins"]>;

type Element = NonNullable<ExtraProps["node"]>;
type Node = Element["children"][number] | { type: "doctype" };
interface Tree {
  children: Node[];
}

/**
 * A rehype plugin that gives headings their level in the outline of the whole answer, of which `open` is open
 * where this text begins. The depth that the model wrote stays as `data-depth`: it decides how they look.
 */
export function placeHeadings(open: Outline, tell?: (open: Outline) => void) {
  return (tree: Tree) => {
    const after = place(tree, open);
    tell?.(after);
  };
}

/**
 * Return the outline of a finished block. What shows the block reads it here, too, so that both find the same headings;
 * only of code alone, where a `#` begins a comment, it is known without that.
 */
export function outlineOf(source: string, remarkPlugins: Plugins): Outline {
  if (!MAY_HOLD_HEADING.test(source) || isOneFence(source)) return NO_HEADINGS;
  let outline = NO_HEADINGS;
  const tell = (open: Outline) => {
    outline = open;
  };
  // Called, not shown: it is a function without hooks, and what it returns isn't needed.
  ReactMarkdown({
    children: source,
    remarkPlugins,
    rehypePlugins: [[placeHeadings, NO_HEADINGS, tell]],
  });
  return outline;
}

/** `#`, a line of `===` or `---` below a text, or footnotes, which come with a heading of their own. */
const MAY_HOLD_HEADING = /#|[=-][ \t]*$|\[\^/m;

/** Tell whether a block is a fence from its first line to its last, with nothing that could be another one between. */
function isOneFence(source: string): boolean {
  const lines = source.trimEnd().split("\n");
  const mark = /^(`{3,}|~{3,})[^`]*$/.exec(lines[0] ?? "")?.[1];
  if (mark === undefined || lines.length < 2 || lines.at(-1) !== mark) return false;
  return lines.slice(1, -1).every((line) => !line.includes(mark));
}

function place(tree: Tree, before: Outline): Outline {
  let open = before;
  for (const node of tree.children) {
    if (node.type !== "element") continue;
    const depth = /^h([1-6])$/.exec(node.tagName)?.[1];
    if (depth === undefined) {
      open = place(node, open);
      continue;
    }
    node.properties.dataDepth = depth;
    if (isEmpty(node)) {
      node.tagName = "p";
      continue;
    }
    open = joined(open, depth);
    node.tagName = `h${levelOf(open)}`;
  }
  return open;
}

/** A heading of which only the mark has come says nothing yet; a model may leave it at that. */
function isEmpty(node: Element): boolean {
  return node.children.every((child) => {
    if (child.type === "element") return child.tagName !== "img" && isEmpty(child);
    return !("value" in child) || child.value.trim() === "";
  });
}
