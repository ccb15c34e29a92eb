export const dynamic = "force-static";

/** Answer the container's healthcheck: the server is up and serves. It asks nobody else. */
export function GET(): Response {
  return Response.json({ status: "ok" });
}
