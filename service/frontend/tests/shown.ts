import { createElement, Fragment } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "@/components/markdown/markdown";
import { PreferencesProvider } from "@/components/preferences";

interface How {
  locale?: "en" | "zh";
  streaming?: boolean;
}

/** Answers of one page, one below the other, in HTML as the page's own renderer shows them. */
export function shown(sources: string[], { locale = "en", streaming = false }: How = {}): string {
  const answers = sources.map((source, key) => createElement(Markdown, { key, source, streaming }));
  return renderToStaticMarkup(
    createElement(PreferencesProvider, {
      initialLocale: locale,
      initialTheme: "light",
      // biome-ignore lint/correctness/noChildrenProp: the provider's type wants it among its properties.
      children: createElement(Fragment, null, answers),
    }),
  );
}
