import { PublicationError } from "../../../cells/share/publication.ts";

/** How a publication is fetched; tests give other ways. */
export interface Fetching {
  readonly fetcher?: typeof fetch;
  /** waits before the next attempt */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** Milliseconds before each further attempt. */
const pauses = [300, 1200, 4000] as const;

/**
 * Fetches a file that anybody may read and that never changes, and reads it. A network that fails,
 * and a host that says that it is busy, are asked again a few times.
 *
 * @throws {PublicationError} `missing`, `gone`, `unreachable`, or what `read` throws
 */
export async function fetchPolitely<Value>(
  url: URL,
  { fetcher = fetch, pause = wait }: Fetching,
  read: (response: Response) => Promise<Value>,
): Promise<Value> {
  for (let attempt = 0; ; ++attempt) {
    try {
      return await attemptOnce(url, fetcher, read);
    } catch (error) {
      const milliseconds = pauses[attempt];
      const isFinal = !(error instanceof PublicationError && error.code === "unreachable");
      if (isFinal || milliseconds === undefined) throw error;
      await pause(milliseconds);
    }
  }
}

async function attemptOnce<Value>(
  url: URL,
  fetcher: typeof fetch,
  read: (response: Response) => Promise<Value>,
): Promise<Value> {
  try {
    const response = await fetcher(url, {
      // a host may let in only whom it knows
      credentials: "same-origin",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    if (!response.ok) throw refusalOf(response.status);
    return await read(response);
  } catch (error) {
    if (error instanceof PublicationError) throw error;
    // what a network does, fetch and its streams say with errors of several kinds
    throw unreachable("does not answer");
  }
}

function refusalOf(status: number): PublicationError {
  if (status === 410)
    return new PublicationError("Whoever published this has taken it back", "gone");
  if (status === 404)
    return new PublicationError(
      "There is nothing here: the link is not whole, or this was never published here",
      "missing",
    );
  if (status === 429 || status >= 500) return unreachable(`is busy or broken (HTTP ${status})`);
  return new PublicationError(`The host does not give this out (HTTP ${status})`, "missing");
}

function unreachable(what: string): PublicationError {
  return new PublicationError(
    `The host of this publication ${what}; check the network and try again`,
    "unreachable",
  );
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
