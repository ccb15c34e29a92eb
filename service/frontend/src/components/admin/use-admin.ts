"use client";

import { useMemo, useState } from "react";
import { useSignedOutNotice } from "@/components/frame/use-resource";
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

export interface Act {
  busy: boolean;
  failure: unknown;
  /** Do it; false when it was refused, which `failure` then says. */
  run: (work: () => Promise<void>) => Promise<boolean>;
}

/** One thing at a time that may be refused. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const notice = useSignedOutNotice();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
      return true;
    } catch (error) {
      notice(error);
      setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
