"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { toLogIn } from "@/lib/way-back";

export interface Resource<T> {
  /** Null until it is there; what was there stays while it is fetched anew. */
  data: T | null;
  failure: unknown;
  reload: () => void;
}

/** Fetch something to show. `load` must be the same function as long as it would fetch the same. */
export function useResource<T>(load: () => Promise<T>): Resource<T> {
  const [data, setData] = useState<T | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  const notice = useSignedOutNotice();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt fetches again.
  useEffect(() => {
    let wanted = true;
    setFailure(null);
    load().then(
      (loaded) => wanted && setData(loaded),
      (error: unknown) => {
        if (!wanted) return;
        notice(error);
        setFailure(error);
      },
    );
    return () => {
      wanted = false;
    };
  }, [load, notice, attempt]);

  return { data, failure, reload: useCallback(() => setAttempt((count) => count + 1), []) };
}

/** Return what goes to the log-in when an error says that nobody is logged in any more. */
export function useSignedOutNotice(): (error: unknown) => void {
  const router = useRouter();
  return useCallback(
    (error) => {
      if (error instanceof ApiError && error.status === 401) router.replace(toLogIn());
    },
    [router],
  );
}
