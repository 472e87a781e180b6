import { messagePortEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort } from "../../cells/port.ts";
import type { FrameReport } from "../../cells/report/frame-report.ts";
import {
  frameApiSchema,
  shellApiSchema,
  type FrameApi,
  type OpenDocument,
  type ShellApi,
} from "../../cells/shell-api.ts";
import type { SharedWorkbook } from "../../cells/share/shared-workbook.ts";
import { connectToShell } from "./connect.ts";
import { openSession } from "./open-session.ts";
import type { Session } from "./session.ts";

/** Connects the frame to the shell and serves it: from here on the shell says what is open. */
export async function startFrame(): Promise<void> {
  const frame = new Frame();
  const port = connectPort<ShellApi, FrameApi>(
    messagePortEndpoint(await connectToShell()),
    shellApiSchema,
    { schema: frameApiSchema, api: frame },
  );
  frame.shell = port.remote;
  window.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    frame.save().catch(() => undefined);
  });
}

class Frame implements FrameApi {
  shell: ShellApi | undefined;
  private session: Session | undefined;

  open(document: OpenDocument): Promise<void> {
    if (this.shell === undefined) throw new Error("The frame is not connected");
    this.session?.close();
    showColorScheme(document.colorScheme);
    this.session = openSession(this.shell, document);
    return Promise.resolve();
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  async text(): Promise<string> {
    return this.opened().text();
  }

  async save(): Promise<void> {
    await this.opened().save();
  }

  async runStale(): Promise<void> {
    this.opened().runStale();
  }

  async runAll(): Promise<void> {
    this.opened().runAll();
  }

  async forgetResults(): Promise<void> {
    await this.opened().forgetResults();
  }

  async report(): Promise<FrameReport> {
    return await this.opened().report();
  }

  async share(): Promise<SharedWorkbook> {
    return await this.opened().share();
  }

  async release(): Promise<void> {
    this.opened().release();
  }

  setColorScheme(scheme: OpenDocument["colorScheme"]): Promise<void> {
    showColorScheme(scheme);
    return Promise.resolve();
  }

  private opened(): Session {
    if (this.session === undefined) throw new Error("No workbook is open in this frame");
    return this.session;
  }
}

function showColorScheme(scheme: OpenDocument["colorScheme"]): void {
  document.documentElement.style.colorScheme = scheme;
}
