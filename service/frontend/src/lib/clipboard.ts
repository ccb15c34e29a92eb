/** Copy a text. Pages served over plain http don't have the Clipboard API: there the old command does it. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    );
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  // Outside of a modal dialog nothing can be selected, and nothing is copied although the browser says so.
  const place = before?.closest("dialog") ?? document.body;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "sr-only";
  area.style.whiteSpace = "pre"; // that class has spaces run together, and so they would be copied
  place.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return copied;
}
