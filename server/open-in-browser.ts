import { spawn } from "node:child_process";

/** Opens an address in the person's browser; where that does not work, says so and goes on. */
export function openInBrowser(address: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", address]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", address]
        : ["xdg-open", address];
  const child = spawn(program ?? "xdg-open", args, { stdio: "ignore", detached: true });
  child.once("error", () => console.log("No browser could be opened; open the address yourself."));
  child.unref();
}
