import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "@/components/providers";
import { DICTIONARIES, LANGUAGE_TAGS, type Locale, negotiateLocale } from "@/i18n";
import { LOCALE_COOKIE, readTheme, THEME_COOKIE } from "@/lib/preferences";
import { readPageConfig } from "@/lib/server-config";
import "./globals.css";

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  // With this, the keyboard of a phone shrinks the page instead of covering the message field.
  interactiveWidget: "resizes-content",
};

export async function generateMetadata(): Promise<Metadata> {
  const { app, auth } = DICTIONARIES[await requestLocale()];
  return { title: app.name, description: auth.tagline, robots: { index: false, follow: false } };
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const locale = await requestLocale();
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html lang={LANGUAGE_TAGS[locale]} data-theme={theme}>
      <body>
        <Providers
          config={readPageConfig(await headers())}
          initialLocale={locale}
          initialTheme={theme}
        >
          {children}
        </Providers>
      </body>
    </html>
  );
}

async function requestLocale(): Promise<Locale> {
  const choice = (await cookies()).get(LOCALE_COOKIE)?.value;
  return negotiateLocale(choice, (await headers()).get("accept-language"));
}
