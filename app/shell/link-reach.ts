/** Whether a host's name is this machine's own, which no other machine reaches. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

/** Who can open what is published at this address, in a sentence or two. */
export function publishedReach({ hostname, host }: Pick<Location, "hostname" | "host">): string {
  return isLoopback(hostname)
    ? "This server listens on this machine only, so links work only here. Start it with --host for others, such as tierbook serve --host 0.0.0.0, and publish from there."
    : `Whoever reaches ${host} and has the link can open it, without a token. Nobody can guess it.`;
}

/** Who can open a link that holds its workbook, in a sentence or two. */
export function sourceReach({ hostname, host }: Pick<Location, "hostname" | "host">): string {
  return isLoopback(hostname)
    ? `It begins with this machine’s own address, ${host}. For others, put what follows the # behind the address of a Tierbook that they reach; any does.`
    : `It opens at ${host}, and what follows the # opens behind the address of any other Tierbook.`;
}
