/**
 * Cut a list into pieces of a length. A piece that holds what it held before is the same array as before, so
 * that whatever was made of it need not be made again.
 */
export function rechunk<T>(
  before: readonly (readonly T[])[],
  items: readonly T[],
  length: number,
): (readonly T[])[] {
  const chunks: (readonly T[])[] = [];
  for (let start = 0; start < items.length; start += length) {
    const chunk = items.slice(start, start + length);
    const old = before[chunks.length];
    const same = old?.length === chunk.length && old.every((item, index) => item === chunk[index]);
    chunks.push(same ? old : chunk);
  }
  return chunks;
}
