"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";
import { useTexts } from "@/components/preferences";
import { Icon, type IconName } from "@/components/ui/icon";

export interface Section {
  href: string;
  text: string;
  icon: IconName;
  /** How much waits there, as it is to be shown and read out. */
  count?: { shown: string; spoken: string } | undefined;
}

interface Props {
  title: string;
  sections: readonly Section[];
  children: ReactNode;
}

/** A page beside the chat: the way back, its sections, and one of them. */
export function PageFrame({ title, sections, children }: Props) {
  const { account, app } = useTexts();
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        className="absolute start-3 top-3 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
        href="#content"
      >
        {app.skipToPage}
      </a>
      <header className="border-line bg-side pt-[env(safe-area-inset-top)] max-md:border-b md:sticky md:top-0 md:flex md:h-dvh md:w-60 md:shrink-0 md:flex-col md:border-e">
        <div className="flex h-14 items-center px-2 md:px-3">
          <Link
            className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 text-quiet transition-colors hover:bg-hover hover:text-ink"
            href="/chat"
            prefetch={false}
          >
            <Icon name="leave" />
            {account.backToChat}
          </Link>
        </div>
        <p className="px-5 pb-2 text-xs font-medium text-quiet max-md:hidden">{title}</p>
        <SectionNav sections={sections} title={title} />
      </header>
      <main className="min-w-0 flex-1 outline-none" id="content" tabIndex={-1}>
        <div className="mx-auto w-full max-w-5xl px-4 py-6 pb-[max(2.5rem,env(safe-area-inset-bottom))] md:px-8 md:py-10">
          {children}
        </div>
      </main>
    </div>
  );
}

/** Beside the page, or above it on a phone, where it scrolls. */
function SectionNav({ sections, title }: Omit<Props, "children">) {
  const path = usePathname();
  const nav = useRef<HTMLElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another section is the current one.
  useEffect(() => {
    const current = nav.current?.querySelector("[aria-current]");
    current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [path]);

  return (
    <nav aria-label={title} className="max-md:overflow-x-auto" ref={nav}>
      <ul className="flex gap-1 px-2 pb-2 md:flex-col md:px-3">
        {sections.map(({ href, text, icon, count }) => (
          <li className="shrink-0" key={href}>
            <Link
              aria-current={path === href ? "page" : undefined}
              className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 whitespace-nowrap text-quiet transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
              href={href}
              prefetch={false}
            >
              <Icon className="max-md:hidden" name={icon} />
              {text}
              {count !== undefined && (
                <span className="ms-auto rounded-full bg-accent px-2 text-xs leading-5 font-medium text-on-accent">
                  <span aria-hidden="true">{count.shown}</span>
                  <span className="sr-only">{count.spoken}</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
