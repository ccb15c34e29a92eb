"use client";

import { useApi } from "@/components/providers";
import { browserStorage, forgetDrafts } from "@/lib/chat/drafts";

/** End the session and start afresh: a full load leaves nothing of this user in memory. */
export function useLogOut(): () => Promise<void> {
  const api = useApi();
  return async () => {
    await api.logout().catch(() => undefined);
    forgetDrafts(browserStorage());
    window.location.assign("/auth");
  };
}
