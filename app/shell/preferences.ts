import { readHeldCopy, type HeldCopy } from "../../cells/share/held-copy.ts";
import type { Device } from "../../engines/run.ts";
import { Changes } from "./change-stream.ts";
import type { KeyValueStore } from "./session.ts";

/** How the page's colours are chosen. */
export type ColorScheme = "system" | "light" | "dark";

/** What a person chose in this browser. */
export class Preferences {
  readonly changes = new Changes();

  constructor(
    private readonly store: KeyValueStore,
    /** what a permission is bound to, with the workbook's path */
    private readonly workspace = "",
  ) {}

  get colorScheme(): ColorScheme {
    return oneOf(["light", "dark"], this.store.getItem("tierbook.colors")) ?? "system";
  }

  set colorScheme(scheme: ColorScheme) {
    this.set("tierbook.colors", scheme === "system" ? null : scheme);
  }

  /** Where runs compute that leave it open. */
  get device(): Device {
    return oneOf(["webgpu", "wasm"], this.store.getItem("tierbook.device")) ?? "auto";
  }

  set device(device: Device) {
    this.set("tierbook.device", device === "auto" ? null : device);
  }

  /** The name that is shown with what this person publishes; empty for none. */
  get publicName(): string {
    return this.store.getItem("tierbook.public-name") ?? "";
  }

  set publicName(name: string) {
    this.set("tierbook.public-name", name === "" ? null : name);
  }

  /** Whether a workbook's cards may start small runs. */
  allowsSmallRuns(path: string): boolean {
    return this.store.getItem(this.permissionKey(path)) === "yes";
  }

  allowSmallRuns(path: string, allowed: boolean): void {
    this.set(this.permissionKey(path), allowed ? "yes" : null);
  }

  /** Why a workbook waits for the person's leave to run; `undefined` for one that does not. */
  heldCopy(path: string): HeldCopy | undefined {
    const text = this.store.getItem(this.heldKey(path));
    return text === null ? undefined : readHeldCopy(text);
  }

  /** Opens a workbook without running it, from now on and until it is released. */
  hold(path: string, copy: HeldCopy): void {
    this.set(this.heldKey(path), JSON.stringify(copy));
  }

  /** The person lets a workbook run. */
  release(path: string): void {
    this.set(this.heldKey(path), null);
  }

  private heldKey(path: string): string {
    return `tierbook.held:${this.workspace}:${path}`;
  }

  private permissionKey(path: string): string {
    return `tierbook.allow-small-runs:${this.workspace}:${path}`;
  }

  private set(key: string, value: string | null): void {
    if (value === null) this.store.removeItem(key);
    else this.store.setItem(key, value);
    this.changes.notify();
  }
}

function oneOf<Value extends string>(
  values: readonly Value[],
  text: string | null,
): Value | undefined {
  return values.find((value) => value === text);
}
