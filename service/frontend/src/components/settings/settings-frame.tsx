"use client";

import type { ReactNode } from "react";
import { SignedIn } from "@/components/account/signed-in";
import { PageFrame } from "@/components/frame/page-frame";
import { useTexts } from "@/components/preferences";

/** The pages about one's own account. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const { account, settings, usage } = useTexts();
  return (
    <SignedIn>
      <PageFrame
        sections={[
          { href: "/settings", icon: "person", text: settings.account },
          { href: "/settings/usage", icon: "chart", text: usage.title },
        ]}
        title={account.settings}
      >
        {children}
      </PageFrame>
    </SignedIn>
  );
}
