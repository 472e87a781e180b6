import * as v from "valibot";
import type { LadderReason } from "../../engines/ladder-reasons.ts";
import { errorSchema } from "./api-schema.ts";

/** Something that the server refused, or that kept us from reaching it (`server-gone`). */
export class ApiError extends Error {
  constructor(
    message: string,
    /** stable: `server-gone`, `token`, `conflict`, `ladder`, … */
    readonly code: string,
    /** the HTTP status; 0 where there was no answer */
    readonly status: number,
    readonly hint?: string,
    readonly reasons: readonly LadderReason[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Requests to the server, with the token that it wants. They reject with {@link ApiError}. */
export class ServerRequests {
  /** hears after every request whether the server could be reached */
  onReach: (reached: boolean) => void = () => undefined;

  constructor(
    readonly token: string,
    protected readonly origin = location.origin,
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  protected post<Value>(
    path: string,
    value: unknown,
    schema: v.GenericSchema<unknown, Value>,
  ): Promise<Value> {
    const headers = { "Content-Type": "application/json" };
    return this.json(path, { method: "POST", headers, body: JSON.stringify(value) }, schema);
  }

  protected async json<Value>(
    path: string,
    init: RequestInit,
    schema: v.GenericSchema<unknown, Value>,
  ): Promise<Value> {
    return await readAnswer(await this.request(path, init), schema);
  }

  protected async found(path: string, init?: RequestInit): Promise<Response | undefined> {
    try {
      return await this.request(path, init);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 308))
        return undefined;
      throw error;
    }
  }

  protected async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${this.token}`);
    const url = new URL(path, this.origin);
    let response: Response;
    try {
      response = await this.fetcher(url, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      this.onReach(false);
      throw new ApiError(
        "Tierbook's server does not answer",
        "server-gone",
        0,
        "Start it again in the workspace; this page goes on by itself",
      );
    }
    this.onReach(true);
    if (response.ok) return response;
    throw await errorFrom(response);
  }
}

/** An answer's JSON. @throws {ApiError} `bad-answer` if it is not what it must be */
export async function readAnswer<Value>(
  response: Response,
  schema: v.GenericSchema<unknown, Value>,
): Promise<Value> {
  const value: unknown = await response.json().catch(() => undefined);
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw badAnswer(response, `${v.getDotPath(issue) ?? "$"}: ${issue.message}`);
}

/** The error for an answer that is not what this page expects. */
export function badAnswer(response: Response, fault: string): ApiError {
  return new ApiError(
    `The server's answer is not what this page expects: ${fault}`,
    "bad-answer",
    response.status,
    "Page and server may be of different versions: reload the page",
  );
}

async function errorFrom(response: Response): Promise<ApiError> {
  const value: unknown = await response.json().catch(() => undefined);
  const parsed = v.safeParse(errorSchema, value);
  if (!parsed.success) {
    const code = response.status === 401 ? "token" : "http";
    return new ApiError(`The server answered ${response.status}`, code, response.status);
  }
  const { code, message, hint, reasons } = parsed.output.error;
  return new ApiError(message, code, response.status, hint, reasons);
}
