import { helloMessage, welcomeMessage } from "../../app/protocol.ts";
import { givingBytes } from "../../cells/giving-bytes.ts";
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
  /** results by key, as the frame wrote them */
  readonly kept: Map<string, Uint8Array>;
  remote?: FrameApi;
}

interface HostOptions {
  readonly text: string;
  readonly disabled?: readonly number[];
  readonly held?: boolean;
  readonly colorScheme?: "light" | "dark";
  readonly tables: Readonly<Record<string, FileTable>>;
  readonly files?: Readonly<Record<string, string>>;
}

declare global {
  var frameOptions: HostOptions;
  var host: HostPage;
}

const seen: HostPage = { drafts: [], saved: [], running: [], asked: [], kept: new Map() };
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
  table: async (path) => {
    const table = frameOptions.tables[path];
    if (table === undefined) throw new Error(`There is no file ${path}`);
    if (frameOptions.files === undefined) return table;
    const bytes = await bytesOf(table.location);
    return givingBytes({ ...table, location: path, bytes }, [bytes]);
  },
  file: async (path) => {
    if (frameOptions.files?.[path] === undefined) throw new Error(`There is no file ${path}`);
    const bytes = await bytesOf(`/files/${path}`);
    const digest = sha256(bytes);
    return givingBytes({ url: "", digest, mediaType: "text/csv", bytes }, [bytes]);
  },
  draft: (text) => Promise.resolve(void seen.drafts.push(text)),
  save: (text) => Promise.resolve({ digest: sha256(String(seen.saved.push(text) && text)) }),
  running: (cell) => Promise.resolve(void seen.running.push(cell)),
  results: () => Promise.resolve({ keys: [...seen.kept.keys()], small: [] }),
  result: (key) => Promise.resolve(seen.kept.get(key) ?? null),
  keepResult: (key, bytes) => Promise.resolve(seen.kept.set(key, bytes).has(key)),
  forgetResult: () => Promise.resolve(),
  forgetResults: () => Promise.resolve(0),
  fileDigest: async (path) =>
    frameOptions.files?.[path] === undefined ? null : sha256(await bytesOf(`/files/${path}`)),
};

async function bytesOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

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
