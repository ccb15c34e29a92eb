"use client";

import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Locale } from "@/i18n";
import { ApiClient } from "@/lib/api/client";
import type { Theme } from "@/lib/preferences";
import type { PageConfig } from "@/lib/server-config";
import { PreferencesProvider } from "./preferences";

const ApiContext = createContext<ApiClient | null>(null);

interface Props {
  config: PageConfig;
  initialLocale: Locale;
  initialTheme: Theme;
  children: ReactNode;
}

/** What every page may use: the API and the reader's preferences. */
export function Providers({ config, initialLocale, initialTheme, children }: Props) {
  const api = useMemo(() => new ApiClient(config.apiUrl), [config.apiUrl]);
  return (
    <ApiContext value={api}>
      <PreferencesProvider initialLocale={initialLocale} initialTheme={initialTheme}>
        {children}
      </PreferencesProvider>
    </ApiContext>
  );
}

export function useApi(): ApiClient {
  const api = useContext(ApiContext);
  if (api === null) throw new Error("useApi outside of Providers");
  return api;
}
