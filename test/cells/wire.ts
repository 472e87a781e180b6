import type { Endpoint } from "../../cells/port-endpoint.ts";

/** An endpoint whose other side is the test itself. */
export function wire(): {
  endpoint: Endpoint;
  sent: unknown[];
  receive: (message: unknown) => void;
} {
  const sent: unknown[] = [];
  let hear = (_message: unknown): void => undefined;
  const endpoint: Endpoint = {
    post: (message) => sent.push(message),
    listen: (receive) => (hear = receive),
    close: () => undefined,
  };
  return { endpoint, sent, receive: (message) => hear(message) };
}
