import { readPageConfig } from "@/lib/server-config";

export const dynamic = "force-dynamic";

/** Tell what this server was configured with, for a person or a tool that asks where the page looks for its API. */
export function GET(): Response {
  return Response.json(readPageConfig(process.env), { headers: { "Cache-Control": "no-store" } });
}
