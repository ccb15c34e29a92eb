"use client";

import { useApi } from "@/components/providers";

/** End the session and start afresh: a full load leaves nothing of this user in memory. */
export function useLogOut(): () => Promise<void> {
  const api = useApi();
  return async () => {
    await api.logout().catch(() => undefined);
    window.location.assign("/auth");
  };
}
