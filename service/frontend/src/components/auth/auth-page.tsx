"use client";

import { useRouter } from "next/navigation";
import { type KeyboardEvent, useEffect, useState } from "react";
import { LocaleSwitch } from "@/components/account/locale-switch";
import { usePreferences, useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Notice } from "@/components/ui/notice";
import { fill } from "@/i18n";
import type { Registered } from "@/lib/api/types";
import { afterLogIn } from "@/lib/way-back";
import { LoginForm } from "./login-form";
import { RegisterPanel } from "./register-panel";

const TABS = ["login", "register"] as const;
type Tab = (typeof TABS)[number];

interface Props {
  /** The code of an invitation's link: its reader came to register. */
  invitation: string | null;
}

/** Log in or register. Registering does not enter the system: it says so and asks to log in. */
export function AuthPage({ invitation }: Props) {
  const api = useApi();
  const router = useRouter();
  const texts = useTexts();
  const { locale } = usePreferences();
  const [tab, setTab] = useState<Tab>(invitation === null ? "login" : "register");
  const [registered, setRegistered] = useState<Registered | null>(null);

  // Whoever is logged in already has no business here.
  useEffect(() => {
    api.me().then(
      () => router.replace(afterLogIn()),
      () => undefined,
    );
  }, [api, router]);

  const switchByArrow = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tab === "login" ? "register" : "login";
    setTab(other);
    document.getElementById(`tab-${other}`)?.focus();
  };

  return (
    <main className="grid min-h-dvh grid-rows-[1fr_auto] bg-side px-4">
      <div className="mx-auto flex w-full max-w-sm flex-col justify-center py-10">
        <header className="mb-8 text-center">
          {/* biome-ignore lint/performance/noImgElement: a static SVG needs no optimising. */}
          <img alt="" className="mx-auto mb-4 size-12" height={48} src="/icon.svg" width={48} />
          <h1 className="text-2xl font-semibold tracking-tight">{texts.app.name}</h1>
          <p className="mt-1.5 text-quiet">{texts.auth.tagline}</p>
        </header>
        <div className="rounded-2xl border border-line bg-page p-5 shadow-float sm:p-6">
          <div
            aria-label={texts.app.name}
            className="mb-5 grid grid-cols-2 gap-1 rounded-xl bg-soft p-1"
            role="tablist"
          >
            {TABS.map((name) => (
              <button
                aria-controls="auth-panel"
                aria-selected={tab === name}
                className="min-h-9 rounded-lg text-quiet aria-selected:bg-chosen aria-selected:font-medium aria-selected:text-ink aria-selected:shadow-sm"
                id={`tab-${name}`}
                key={name}
                onClick={() => setTab(name)}
                onKeyDown={switchByArrow}
                role="tab"
                tabIndex={tab === name ? 0 : -1}
                type="button"
              >
                {texts.auth[name]}
              </button>
            ))}
          </div>
          <div aria-labelledby={`tab-${tab}`} id="auth-panel" role="tabpanel">
            {tab === "login" ? (
              <>
                {registered !== null && (
                  <div className="mb-4">
                    <RegisteredNotice registered={registered} />
                  </div>
                )}
                <LoginForm
                  initialUsername={registered?.user.username ?? ""}
                  key={registered?.user.id}
                  onLoggedIn={() => router.replace(afterLogIn())}
                />
              </>
            ) : (
              <RegisterPanel
                invitation={invitation}
                onRegistered={(made) => {
                  setRegistered(made);
                  setTab("login");
                }}
              />
            )}
          </div>
        </div>
      </div>
      <footer className="mx-auto w-48 pb-6">
        <LocaleSwitch key={locale} />
      </footer>
    </main>
  );
}

function RegisteredNotice({ registered }: { registered: Registered }) {
  const { auth } = useTexts();
  const { username } = registered.user;
  return registered.pending ? (
    <Notice kind="info">{fill(auth.pending, { username })}</Notice>
  ) : (
    <Notice kind="success">{fill(auth.registered, { username })}</Notice>
  );
}
