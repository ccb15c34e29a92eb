import { type ComponentPropsWithoutRef, useId, useMemo } from "react";
import type { ExtraProps, Options } from "react-markdown";
import { useTexts } from "@/components/preferences";
import { fill } from "@/i18n";
import type { Plugins } from "./headings";

type Element = NonNullable<ExtraProps["node"]>;

/** The id that every text's heading of footnotes has in common. */
const LABEL = "footnote-label";

/** Footnotes in the reader's language, with ids that no other answer of the page has. */
export function useFootnotes(): { options: Options["remarkRehypeOptions"]; rehype: Plugins } {
  const { chat } = useTexts();
  const prefix = `${useId()}-`;
  return useMemo(
    () => ({
      options: {
        clobberPrefix: prefix,
        footnoteLabel: chat.footnotes,
        // Notes count from 0; one that is referred to again has a way back to each place.
        footnoteBackLabel: (note, time) =>
          fill(chat.footnoteBack, { number: time > 1 ? `${note + 1}-${time}` : `${note + 1}` }),
      },
      rehype: [[ownLabel, prefix]],
    }),
    [chat, prefix],
  );
}

/** A rehype plugin that gives the heading of footnotes an id of its own, and tells the references. */
function ownLabel(prefix: string) {
  const own = (node: { children: Element["children"][number][] }) => {
    for (const child of node.children) {
      if (child.type !== "element") continue;
      const { properties } = child;
      if (properties.id === LABEL) properties.id = prefix + LABEL;
      if (properties.dataFootnoteRef !== undefined) properties.ariaDescribedBy = [prefix + LABEL];
      own(child);
    }
  };
  return own;
}

/** A link of an answer: elsewhere in a tab of its own, to a footnote and back on this page. */
export function AnswerLink({ node, ...link }: ComponentPropsWithoutRef<"a"> & ExtraProps) {
  if (link.href?.startsWith("#")) return <a {...link}>{link.children}</a>;
  return (
    <a href={link.href} rel="noopener noreferrer nofollow" target="_blank">
      {link.children}
    </a>
  );
}
