import { helloMessage, welcomeMessage } from "../../app/protocol.ts";
import { messagePortEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort, type Port } from "../../cells/port.ts";
import {
  frameApiSchema,
  shellApiSchema,
  type FrameApi,
  type ShellApi,
} from "../../cells/shell-api.ts";
import type { FileTable } from "../../data/query-client.ts";
import { jsonDigest, sha256 } from "../../runtime/sha256.ts";

/** What a test sees of the page that stands in for the shell. */
export interface HostPage {
  readonly drafts: string[];
  readonly saved: string[];
  readonly running: (number | null)[];
  readonly asked: string[];
  remote?: FrameApi;
}

interface HostOptions {
  readonly text: string;
  readonly disabled?: readonly number[];
  readonly held?: boolean;
  readonly colorScheme?: "light" | "dark";
  readonly tables: Readonly<Record<string, FileTable>>;
}

declare global {
  var frameOptions: HostOptions;
  var host: HostPage;
}

const seen: HostPage = { drafts: [], saved: [], running: [], asked: [] };
globalThis.host = seen;

const shell: ShellApi = {
  receipt: (body) => {
    const receipt = {
      ...body,
      kind: "tierbook.receipt" as const,
      version: 1 as const,
      at: "2026-01-01T00:00:00Z",
      vouchedBy: "frame" as const,
    };
    return Promise.resolve({ ...receipt, id: jsonDigest(receipt) });
  },
  recallReceipt: () => Promise.resolve(true),
  dryRun: () => Promise.reject(new Error("This page has no engine")),
  // eslint-disable-next-line require-yield
  async *train(request) {
    yield { type: "waiting", key: jsonDigest(request.plan), reasons: [], canStart: true };
    await new Promise(() => undefined);
  },
  async *submit(request) {
    yield {
      type: "waiting",
      key: jsonDigest({ full: request.plan }),
      reasons: ["No small run of this plan has passed"],
      canStart: false,
    };
    await new Promise(() => undefined);
  },
  cancel: () => Promise.resolve(),
  ask: (key) => Promise.resolve(void seen.asked.push(key)),
  table: (path) => {
    const table = frameOptions.tables[path];
    return table === undefined
      ? Promise.reject(new Error(`There is no file ${path}`))
      : Promise.resolve(table);
  },
  file: (path) => Promise.reject(new Error(`There is no file ${path}`)),
  draft: (text) => Promise.resolve(void seen.drafts.push(text)),
  save: (text) => Promise.resolve({ digest: sha256(String(seen.saved.push(text) && text)) }),
  running: (cell) => Promise.resolve(void seen.running.push(cell)),
  results: () => Promise.resolve({ keys: [], small: [] }),
  result: () => Promise.resolve(null),
  keepResult: () => Promise.resolve(false),
  forgetResult: () => Promise.resolve(),
  forgetResults: () => Promise.resolve(0),
  fileDigest: () => Promise.resolve(null),
};

const iframe = document.createElement("iframe");
iframe.setAttribute("sandbox", "allow-scripts allow-forms");
iframe.setAttribute("allow", "cross-origin-isolated; clipboard-write");
iframe.src = "/frame.html";

addEventListener("message", (event) => {
  if (event.source !== iframe.contentWindow || event.data !== helloMessage) return;
  const channel = new MessageChannel();
  event.source?.postMessage(welcomeMessage, { targetOrigin: "*", transfer: [channel.port2] });
  void open(
    connectPort<FrameApi, ShellApi>(messagePortEndpoint(channel.port1), frameApiSchema, {
      schema: shellApiSchema,
      api: shell,
    }),
  );
});

async function open(port: Port<FrameApi>): Promise<void> {
  seen.remote = port.remote;
  await port.remote.open({
    path: "test.html",
    text: frameOptions.text,
    disabled: frameOptions.disabled ?? [],
    held: frameOptions.held ?? false,
    colorScheme: frameOptions.colorScheme ?? "light",
  });
}

document.body.append(iframe);
