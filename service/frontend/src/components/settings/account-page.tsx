"use client";

import { useState } from "react";
import { LocaleSwitch } from "@/components/account/locale-switch";
import { PasswordForm } from "@/components/account/password-form";
import { ThemeSwitch } from "@/components/account/theme-switch";
import { useUser } from "@/components/account/user-context";
import { PageHead } from "@/components/frame/page-head";
import { Panel } from "@/components/frame/panel";
import { useTexts } from "@/components/preferences";
import { Notice } from "@/components/ui/notice";
import { fill } from "@/i18n";
import { useSettingsTexts } from "./use-settings-texts";

/** Appearance, language and password. */
export function AccountPage() {
  const user = useUser();
  const { account } = useTexts();
  const { settings } = useSettingsTexts();
  const [changed, setChanged] = useState(false);
  return (
    <>
      <PageHead
        text={fill(settings.loggedInAs, { username: user.username })}
        title={settings.account}
      />
      <Panel title={settings.appearance}>
        <div className="grid max-w-md gap-4">
          <div>
            <p aria-hidden="true" className="mb-1.5 text-sm font-medium">
              {account.theme}
            </p>
            <ThemeSwitch />
          </div>
          <div>
            <p aria-hidden="true" className="mb-1.5 text-sm font-medium">
              {account.language}
            </p>
            <LocaleSwitch />
          </div>
        </div>
      </Panel>
      <Panel title={account.changePassword}>
        <div className="max-w-md">
          <p className="mb-4 text-sm leading-relaxed text-quiet">{settings.passwordText}</p>
          {changed && (
            <div className="mb-4">
              <Notice kind="success">{account.changed}</Notice>
            </div>
          )}
          <PasswordForm onChanged={() => setChanged(true)} username={user.username} />
        </div>
      </Panel>
    </>
  );
}
