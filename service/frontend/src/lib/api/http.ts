import { ApiError, errorFromResponse } from "./errors";
import { readStreamEvents, type StreamEvent } from "./stream";

/** A browser cuts every request when its network changes; by then it has another one, or none for longer. */
const NETWORK_CHANGE_MS = 500;

/**
 * Send requests to the backend. The session is an HttpOnly cookie, so no token ever passes through here.
 *
 * `baseUrl` is empty (same origin) unless the deployment names another address for its API; then
 * the cookie has to be asked for explicitly.
 */
export class Http {
  constructor(readonly baseUrl: string) {}

  protected async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, jsonInit(body));
    return (await response.json().catch((error: unknown) => {
      throw ApiError.network(error);
    })) as T;
  }

  protected async send(method: string, path: string, body?: unknown): Promise<void> {
    await this.request(method, path, jsonInit(body));
  }

  /** Yield the events of a streamed answer. Throws `ApiError` when the stream cannot begin or breaks. */
  protected async *events(
    method: string,
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): AsyncGenerator<StreamEvent> {
    const response = await this.request(method, path, { ...jsonInit(body), signal });
    if (response.body === null) throw ApiError.network("the answer has no body");
    yield* readStreamEvents(response.body);
  }

  protected async request(method: string, path: string, init: RequestInit): Promise<Response> {
    const credentials = this.baseUrl === "" ? "same-origin" : "include";
    const send = () => fetch(`${this.baseUrl}${path}`, { ...init, method, credentials });
    const response = await send()
      .catch(async (error: unknown) => {
        if (method !== "GET" || init.signal?.aborted) throw error; // what may have been done isn't done again
        await new Promise((resolve) => setTimeout(resolve, NETWORK_CHANGE_MS));
        return send();
      })
      .catch((error: unknown) => {
        throw ApiError.network(error);
      });
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }
}

function jsonInit(body: unknown): RequestInit {
  if (body === undefined) return {};
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}
