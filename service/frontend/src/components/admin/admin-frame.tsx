"use client";

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { SignedIn } from "@/components/account/signed-in";
import { useUser } from "@/components/account/user-context";
import { PageFrame } from "@/components/frame/page-frame";
import { PageHead } from "@/components/frame/page-head";
import { useTexts } from "@/components/preferences";
import { fill } from "@/i18n";
import { useAdminApi, useAdminTexts } from "./use-admin";

/** More than that are not counted: nobody reads a longer queue at once. */
const COUNTED = 99;

interface Queue {
  waiting: number;
  /** Count anew who waits for approval. */
  recount: () => void;
}

const QueueContext = createContext<Queue>({ waiting: 0, recount: () => undefined });

export const useQueue = (): Queue => useContext(QueueContext);

/** The pages of administrators; anybody else is told so. */
export function AdminFrame({ children }: { children: ReactNode }) {
  return (
    <SignedIn>
      <OnlyAdmins>{children}</OnlyAdmins>
    </SignedIn>
  );
}

function OnlyAdmins({ children }: { children: ReactNode }) {
  const user = useUser();
  const texts = useAdminTexts();
  const { account } = useTexts();
  if (!user.is_admin) {
    return (
      <PageFrame sections={[]} title={account.administration}>
        <PageHead text={texts.refusal.text} title={texts.refusal.title} />
      </PageFrame>
    );
  }
  return <AdminSections>{children}</AdminSections>;
}

function AdminSections({ children }: { children: ReactNode }) {
  const api = useAdminApi();
  const texts = useAdminTexts();
  const { account } = useTexts();
  const [waiting, setWaiting] = useState(0);

  const recount = useCallback(() => {
    const pending = { search: "", status: "pending", role: "" } as const;
    // Without the count the pages do as well; what is wrong, their own lists say.
    api.users(pending, null, COUNTED + 1).then(
      ({ items }) => setWaiting(items.length),
      () => undefined,
    );
  }, [api]);
  useEffect(recount, [recount]);
  const queue = useMemo(() => ({ waiting, recount }), [waiting, recount]);

  const shown = waiting > COUNTED ? `${COUNTED}+` : String(waiting);
  const count = { shown, spoken: fill(texts.queue.waiting, { count: shown }) };
  return (
    <QueueContext value={queue}>
      <PageFrame
        sections={[
          { href: "/admin", icon: "people", text: texts.users.title },
          {
            href: "/admin/approvals",
            icon: "clock",
            text: texts.queue.title,
            count: waiting > 0 ? count : undefined,
          },
          { href: "/admin/invitations", icon: "ticket", text: texts.invitations.title },
          { href: "/admin/usage", icon: "chart", text: texts.usage.title },
          { href: "/admin/models", icon: "pulse", text: texts.models.title },
          { href: "/admin/audit", icon: "list", text: texts.audit.title },
        ]}
        title={account.administration}
      >
        {children}
      </PageFrame>
    </QueueContext>
  );
}
