import { readPageConfig } from "@/lib/server-config";

export const dynamic = "force-dynamic";

/** Tell a person or a tool that asks where the page looks for its API. */
export function GET(request: Request): Response {
  return Response.json(readPageConfig(request.headers), {
    headers: { "Cache-Control": "no-store" },
  });
}
