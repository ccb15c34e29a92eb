/**
 * Split Markdown into blocks that can be rendered, and memoised, one by one.
 *
 * While an answer streams, only its last block changes; all others keep their text and are not
 * parsed again, so a long answer costs no more per token than a short one. The cut is made only
 * where CommonMark can't join what follows to what precedes: at a blank line outside a code
 * fence, before a line that starts at the margin and is no list item. Where a part of the text
 * may refer to another (link definitions, footnotes) nothing is cut.
 *
 * The blocks joined give the source again, byte for byte.
 */
export function splitBlocks(source: string): string[] {
  if (REFERENCE_DEFINITION.test(source)) return [source];
  const blocks: string[] = [];
  let blockStart = 0;
  let fence: string | null = null;
  let afterBlank = false;
  let position = 0;
  while (position < source.length) {
    const newline = source.indexOf("\n", position);
    const next = newline === -1 ? source.length : newline + 1;
    const line = source.slice(position, next).trimEnd();
    if (fence === null && afterBlank && STARTS_BLOCK.test(line)) {
      blocks.push(source.slice(blockStart, position));
      blockStart = position;
    }
    fence = fenceAfter(line, fence);
    afterBlank = line === "" && fence === null;
    position = next;
  }
  if (blockStart < source.length) blocks.push(source.slice(blockStart));
  return blocks;
}

/** Find something out about the blocks of a growing text, by their place: about each that stays as it is, once. */
export function oncePerBlock<T>(find: (block: string) => T): (block: string, index: number) => T {
  const known: { block: string; found: T }[] = [];
  return (block, index) => {
    const last = known[index];
    if (last?.block === block) return last.found;
    const found = find(block);
    known[index] = { block, found };
    return found;
  };
}

const REFERENCE_DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;
/** At the margin, and neither a bullet nor a number, even half arrived, that may continue a list. */
const STARTS_BLOCK = /^(?!(?:[-*+]|\d{1,9}[.)])(?:\s|$)|\d{1,9}$)\S/;
const FENCE = /^\s*(?:[-*+]\s+|\d{1,9}[.)]\s+|>\s?)*(`{3,}|~{3,})(.*)$/;

/** The fence that is open after this line, or null. */
function fenceAfter(line: string, open: string | null): string | null {
  const match = FENCE.exec(line);
  const marker = match?.[1];
  if (marker === undefined) return open;
  const info = match?.[2] ?? "";
  if (open === null) return marker.startsWith("`") && info.includes("`") ? null : marker;
  const closes = marker[0] === open[0] && marker.length >= open.length && info.trim() === "";
  return closes ? null : open;
}
