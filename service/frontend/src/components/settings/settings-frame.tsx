"use client";

import type { ReactNode } from "react";
import { SignedIn } from "@/components/account/signed-in";
import { PageFrame } from "@/components/frame/page-frame";
import { useTexts } from "@/components/preferences";
import { useSettingsTexts } from "./use-settings-texts";

/** The pages about one's own account. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const { account } = useTexts();
  const { keys, settings, usage } = useSettingsTexts();
  return (
    <SignedIn>
      <PageFrame
        sections={[
          { href: "/settings", icon: "person", text: settings.account },
          { href: "/settings/usage", icon: "chart", text: usage.title },
          { href: "/settings/keys", icon: "key", text: keys.title },
        ]}
        title={account.settings}
      >
        {children}
      </PageFrame>
    </SignedIn>
  );
}
