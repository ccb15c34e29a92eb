"use client";

import { useTexts } from "@/components/preferences";
import { Button } from "@/components/ui/button";
import { fill } from "@/i18n";
import { LocaleSwitch } from "./locale-switch";
import { PasswordForm } from "./password-form";
import { useLogOut } from "./use-log-out";

interface Props {
  username: string;
  onChanged: () => void;
}

/** The password was made by somebody else: no way round choosing one, but one may log out. */
export function RequiredPasswordPage({ username, onChanged }: Props) {
  const { account, app } = useTexts();
  const logOut = useLogOut();
  return (
    <main className="grid min-h-dvh grid-rows-[1fr_auto] bg-side px-4">
      <div className="mx-auto flex w-full max-w-sm flex-col justify-center py-10">
        <p className="mb-6 flex items-center justify-center gap-2.5 font-semibold tracking-tight">
          {/* biome-ignore lint/performance/noImgElement: a static SVG needs no optimising. */}
          <img alt="" className="size-7" height={28} src="/icon.svg" width={28} />
          {app.name}
        </p>
        <div className="rounded-2xl border border-line bg-page p-5 shadow-float sm:p-6">
          <h1 className="text-lg font-semibold">{account.changeRequired}</h1>
          <p className="mt-1.5 mb-5 text-sm leading-relaxed text-quiet">
            {fill(account.changeRequiredText, { username })}
          </p>
          <PasswordForm autoFocus onChanged={onChanged} username={username}>
            <Button onClick={logOut}>{account.logOut}</Button>
          </PasswordForm>
        </div>
      </div>
      <footer className="mx-auto w-48 pb-6">
        <LocaleSwitch />
      </footer>
    </main>
  );
}
