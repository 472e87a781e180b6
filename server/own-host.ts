import { hostname, networkInterfaces } from "node:os";

const loopback = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Which Host headers name a server that listens at an address. A name that is not among them may
 * still lead here (DNS rebinding), and is then not ours.
 *
 * @param bound the address that the server listens at
 */
export function ownHosts(bound: string, port: number): (host: string) => boolean {
  const names = new Set(
    isWildcard(bound) ? [...loopback, hostname(), ...addresses()] : [...loopback, inUrl(bound)],
  );
  return (host) => {
    const [, name, given] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
    return name !== undefined && names.has(name) && Number(given ?? 80) === port;
  };
}

/** An address as it stands in a URL: version 6 in brackets. */
export function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address.toLowerCase();
}

/** Whether a server at this address can be reached from other machines. */
export function isExposed(bound: string): boolean {
  return !loopback.includes(inUrl(bound));
}

function isWildcard(bound: string): boolean {
  return bound === "0.0.0.0" || bound === "::";
}

function addresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => inUrl(address));
}
