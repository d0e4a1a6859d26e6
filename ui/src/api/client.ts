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

export interface Refusal {
  code?: string;
  message?: string;
  location?: string;
  detail?: unknown;
}

export class Client {
  /** Called when the engine no longer knows who we are: the session has ended. */
  onSignedOut: () => void = () => undefined;
  /** Says why a request is refused, in the language of the page. */
  say: (refusal: { readonly message: string }) => string = ({ message }) => message;

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

  /** The error for an answer that says no. */
  refused(status: number, refusal: Refusal & { readonly message: string }, path: string): ApiError {
    return new ApiError(status, refusal.code ?? "http-status", this.say(refusal), refusal.location ?? path, refusal);
  }

  /** The error for an answer that never comes. */
  silent(path: string): ApiError {
    return new ApiError(0, "engine-silent", this.say({ message: "the engine does not answer" }), path, null);
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
    } catch {
      throw this.silent(path);
    }
    const text = await response.text();
    const value: unknown = text === "" ? null : parsed(text);
    if (!response.ok) {
      const refusal = (value ?? {}) as Refusal;
      if (refusal.code === "unauthorized") {
        this.onSignedOut();
      }
      throw this.refused(response.status, { ...refusal, message: refusal.message ?? response.statusText }, path);
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
