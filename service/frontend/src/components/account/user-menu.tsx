"use client";

import { useState } from "react";
import { useUser } from "@/components/chat/chat-context";
import { usePreferences, useTexts } from "@/components/preferences";
import { Disclosure } from "@/components/ui/disclosure";
import { Icon } from "@/components/ui/icon";
import { MenuButton } from "@/components/ui/menu-button";
import { fill } from "@/i18n";
import { THEMES } from "@/lib/preferences";
import { LocaleSwitch } from "./locale-switch";
import { PasswordDialog } from "./password-dialog";
import { useLogOut } from "./use-log-out";

/** The account, at the foot of the sidebar: appearance, language, password, log out. */
export function UserMenu() {
  const user = useUser();
  const { account } = useTexts();
  const logOut = useLogOut();
  const [changing, setChanging] = useState(false);

  return (
    <>
      <Disclosure
        panelClassName="bottom-full inset-x-0 mb-2"
        trigger={(properties) => (
          <button
            {...properties}
            aria-label={fill(account.menu, { username: user.username })}
            className="flex w-full items-center gap-3 rounded-xl px-2.5 py-2 text-start transition-colors hover:bg-hover"
            type="button"
          >
            <span
              aria-hidden="true"
              className="grid size-8 shrink-0 place-content-center rounded-full bg-accent-soft text-sm font-semibold text-accent-strong uppercase"
            >
              {[...user.username][0]}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{user.username}</span>
              {user.is_admin && <span className="block text-xs text-quiet">{account.admin}</span>}
            </span>
            <Icon className="rotate-180 text-quiet" name="chevron" />
          </button>
        )}
      >
        {(close) => (
          <>
            <ThemeSwitch />
            <div className="px-1.5 pb-2">
              <LocaleSwitch />
            </div>
            <hr className="my-1 border-line" />
            <MenuButton
              icon="key"
              onClick={() => {
                close();
                setChanging(true);
              }}
              text={account.changePassword}
            />
            <MenuButton icon="logOut" onClick={logOut} text={account.logOut} />
          </>
        )}
      </Disclosure>
      {changing && <PasswordDialog onClose={() => setChanging(false)} />}
    </>
  );
}

function ThemeSwitch() {
  const { theme, setTheme } = usePreferences();
  const { account } = useTexts();
  const names = {
    system: account.themeSystem,
    light: account.themeLight,
    dark: account.themeDark,
  };
  return (
    <fieldset className="p-1.5">
      <legend className="sr-only">{account.theme}</legend>
      <div className="grid grid-cols-3 gap-1 rounded-lg bg-soft p-1 text-sm">
        {THEMES.map((option) => (
          <button
            aria-pressed={option === theme}
            className="min-h-8 rounded-md px-1 text-quiet aria-pressed:bg-chosen aria-pressed:font-medium aria-pressed:text-ink aria-pressed:shadow-sm"
            key={option}
            onClick={() => setTheme(option)}
            type="button"
          >
            {names[option]}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
