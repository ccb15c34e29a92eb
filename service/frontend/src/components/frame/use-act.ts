"use client";

import { useState } from "react";
import { useSignedOutNotice } from "./use-resource";

export interface Act {
  busy: boolean;
  failure: unknown;
  /** Do it; false when it was refused, which `failure` then says. */
  run: (work: () => Promise<void>) => Promise<boolean>;
}

/** One thing at a time that may be refused. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const notice = useSignedOutNotice();
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
      return true;
    } catch (error) {
      notice(error);
      setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run };
}
