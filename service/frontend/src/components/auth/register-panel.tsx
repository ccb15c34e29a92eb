"use client";

import { useEffect, useState } from "react";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Notice } from "@/components/ui/notice";
import type { Registered, Registration } from "@/lib/api/types";
import { RegisterForm } from "./register-form";

interface Props {
  invitation: string | null;
  onRegistered: (registered: Registered) => void;
}

/** The form that the policy asks for, or whom to ask where there is none. */
export function RegisterPanel({ invitation, onRegistered }: Props) {
  const api = useApi();
  const { auth, common } = useTexts();
  const [policy, setPolicy] = useState<Registration | null>(null);

  useEffect(() => {
    api.policy().then(
      ({ registration }) => setPolicy(registration),
      // The form of an open door does no harm: the backend enforces its policy and says so.
      () => setPolicy("open"),
    );
  }, [api]);

  if (policy === null) return <p className="text-quiet">{common.loading}</p>;
  if (policy === "closed") return <Notice kind="info">{auth.closed}</Notice>;
  return (
    <>
      {policy !== "open" && (
        <p className="mb-4 text-sm leading-relaxed text-quiet">
          {policy === "approval" ? auth.byApproval : auth.byInvitation}
        </p>
      )}
      <RegisterForm
        initialInvitation={policy === "invite" ? (invitation ?? "") : null}
        onRegistered={onRegistered}
      />
    </>
  );
}
