"use client";

import { useEffect, useState } from "react";

export type Mathematics = typeof import("./math").MATH;

let loaded: Mathematics | null = null;

/** What mathematics needs, once something wants them and they have come; null until then. */
export function useMath(wanted: boolean): Mathematics | null {
  const [, setCome] = useState(loaded !== null);

  useEffect(() => {
    if (!wanted || loaded !== null) return;
    let mounted = true;
    import("./math").then(
      ({ MATH }) => {
        loaded = MATH;
        if (mounted) setCome(true);
      },
      // Without them a formula is read as it was written.
      () => undefined,
    );
    return () => {
      mounted = false;
    };
  }, [wanted]);

  return wanted ? loaded : null;
}
