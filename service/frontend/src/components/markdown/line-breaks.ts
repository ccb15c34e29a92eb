interface Node {
  type: string;
  value?: string;
  children?: Node[];
}

const TAG = /^<br\s*\/?>$/i;

/** A remark plugin that reads `<br>`, alone of all HTML, as what it means: within a table Markdown has no line break. */
export function lineBreaks() {
  return (tree: Node) => breakLines(tree);
}

function breakLines(node: Node): void {
  if (node.children === undefined) return;
  node.children = node.children.map((child) => {
    if (child.type === "html" && TAG.test(child.value ?? "")) return { type: "break" };
    breakLines(child);
    return child;
  });
}
