"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useWhileLookedAt } from "@/components/frame/use-while-looked-at";
import { useTexts } from "@/components/preferences";
import { useApi } from "@/components/providers";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { ApiError } from "@/lib/api/errors";
import type { User } from "@/lib/api/types";
import { textForError } from "@/lib/error-text";
import { toLogIn } from "@/lib/way-back";
import { RequiredPasswordPage } from "./required-password-page";
import { UserProvider } from "./user-context";

/**
 * Ask who is here, then show the page, the way to log in, or first the way to a password of one's own;
 * and notice soon when that is over.
 */
export function SignedIn({ children }: { children: ReactNode }) {
  const api = useApi();
  const router = useRouter();
  const texts = useTexts();
  const [user, setUser] = useState<User | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    api.me().then(
      (me) => setUser(me),
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 401) router.replace(toLogIn());
        else setFailure(error);
      },
    );
  }, [api, router, attempt]);

  // Another browser may have ended this session, or begun another one here: nobody should find out by a lost question.
  const username = user?.username ?? null;
  const lookAgain = useCallback(() => {
    if (username === null) return;
    api.me().then(
      (me) => {
        if (me.username !== username) window.location.reload();
      },
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 401) router.replace(toLogIn());
      },
    );
  }, [api, router, username]);
  useWhileLookedAt(lookAgain);

  if (user?.must_change_password) {
    return (
      <RequiredPasswordPage
        onChanged={() => setUser({ ...user, must_change_password: false })}
        username={user.username}
      />
    );
  }
  if (user !== null) return <UserProvider value={user}>{children}</UserProvider>;
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-6">
      {failure === null ? (
        <p className="text-quiet">{texts.common.loading}</p>
      ) : (
        <>
          <Notice kind="problem">{textForError(texts, failure)}</Notice>
          <Button
            onClick={() => {
              setFailure(null);
              setAttempt(attempt + 1);
            }}
          >
            {texts.common.retry}
          </Button>
        </>
      )}
    </main>
  );
}
