"use client";

import { useMemo } from "react";
import { usePreferences } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { ADMIN_TEXTS, type AdminTexts } from "@/i18n/admin";
import { AdminClient } from "@/lib/api/admin";

export function useAdminApi(): AdminClient {
  const { baseUrl } = useApi();
  return useMemo(() => new AdminClient(baseUrl), [baseUrl]);
}

/** The texts of these pages, which the chat does without. */
export function useAdminTexts(): AdminTexts {
  return ADMIN_TEXTS[usePreferences().locale];
}
