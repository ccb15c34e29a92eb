/** A refusal by the backend, or a request that never reached it (`status` 0, code `network`). */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which the same may be tried again, where the backend said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  static network(cause: unknown): ApiError {
    return new ApiError(0, "network", cause instanceof Error ? cause.message : String(cause));
  }
}

/** Read `{"detail", "code"}` from a refusal, whatever an intermediary may have put there instead. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  const fallback = `HTTP ${response.status}`;
  const wait = secondsToWait(response.headers.get("Retry-After"));
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== "object" || body === null) {
    return new ApiError(response.status, codeOfStatus(response.status), fallback, wait);
  }
  const { detail, code } = body as { detail?: unknown; code?: unknown };
  return new ApiError(
    response.status,
    typeof code === "string" ? code : codeOfStatus(response.status),
    typeof detail === "string" ? detail : fallback,
    wait,
  );
}

/** Read `Retry-After` in its form with seconds; the form with a date is nobody's here. */
function secondsToWait(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

function codeOfStatus(status: number): string {
  if (status === 401) return "not_authenticated";
  if (status === 404) return "not_found";
  if (status === 413) return "too_large";
  if (status === 429) return "too_many_requests";
  return status >= 500 ? "server_error" : "refused";
}
