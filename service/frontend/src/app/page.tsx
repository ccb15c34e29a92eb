import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { readPageConfig } from "@/lib/server-config";

const SESSION_COOKIE = "llmchat_session";

/**
 * Send a visitor to the right page. Only a guess: whether the session is valid, the API decides,
 * and each page moves on to the other when it hears. With an API elsewhere its cookie isn't seen here.
 */
export default async function Home() {
  const mayBeLoggedIn = (await cookies()).has(SESSION_COOKIE);
  const apiElsewhere = readPageConfig(await headers()).apiUrl !== "";
  redirect(mayBeLoggedIn || apiElsewhere ? "/chat" : "/auth");
}
