"use client";

import { createContext, useContext } from "react";
import type { User } from "@/lib/api/types";

const UserContext = createContext<User | null>(null);

export const UserProvider = UserContext.Provider;

/** Who is logged in; only below `SignedIn`. */
export function useUser(): User {
  const user = useContext(UserContext);
  if (user === null) throw new Error("useUser outside of SignedIn");
  return user;
}
