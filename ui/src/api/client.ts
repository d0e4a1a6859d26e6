/** The admin API, as the editor calls it. */

/** An answer that says no: a stable code, a sentence for people, and where the trouble is. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly location: string,
    readonly detail: unknown,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Refusal {
  code?: string;
  message?: string;
  location?: string;
  detail?: unknown;
}

export class Client {
  /** Called when the engine no longer knows who we are: the session has ended. */
  onSignedOut: () => void = () => undefined;

  get<T>(path: string): Promise<T> {
    return this.#ask<T>("GET", path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>("POST", path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>("PUT", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>("PATCH", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#ask<T>("DELETE", path);
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {};
    const request: RequestInit = { method, headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(`/admin/api${path}`, request);
    } catch (error) {
      throw new ApiError(0, "engine-silent", String(error), path, null);
    }
    const text = await response.text();
    const value: unknown = text === "" ? null : parsed(text);
    if (!response.ok) {
      const refusal = (value ?? {}) as Refusal;
      if (refusal.code === "unauthorized") {
        this.onSignedOut();
      }
      throw new ApiError(
        response.status,
        refusal.code ?? "http-status",
        refusal.message ?? response.statusText,
        refusal.location ?? path,
        refusal,
      );
    }
    return value as T;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
