/**
 * The outline that the headings of an answer form, whatever depths its model wrote.
 *
 * A reader of screens walks a page by its headings, and a level that is passed over sounds like something
 * missed. So the first heading of an answer is one level below the page's own, and each one below another
 * goes down by one level, as in HTML's old outline algorithm: a heading ends those as deep as itself or deeper.
 */

/** The depths, as written, of the headings that are open, outermost first: "24" within `####` within `##`. */
export type Outline = string;

export const NO_HEADINGS: Outline = "";

/** The page's name is its `<h1>`. */
const PAGE_LEVEL = 1;
const DEEPEST_LEVEL = 6;

/** Return what is open after a part of a text, where `open` was before it and `part` is its own outline. */
export function joined(open: Outline, part: Outline): Outline {
  const [outermost] = part;
  if (outermost === undefined) return open;
  return [...open].filter((depth) => depth < outermost).join("") + part;
}

/** The level of the heading that was opened last. */
export function levelOf(open: Outline): number {
  return Math.min(PAGE_LEVEL + open.length, DEEPEST_LEVEL);
}

/** Return for each block of an answer what is open where it begins. What the last one opens isn't asked. */
export function openBefore(
  blocks: readonly string[],
  outlineOf: (block: string, index: number) => Outline,
): Outline[] {
  let open = NO_HEADINGS;
  return blocks.map((_, index) => {
    const before = blocks[index - 1];
    if (before !== undefined) open = joined(open, outlineOf(before, index - 1));
    return open;
  });
}
