import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { describeAdapter, type AdapterDescription } from "./adapter.ts";
import { WasmKernels } from "./kernels-wasm.ts";
import { WebGPUKernels } from "./kernels-webgpu.ts";
import type { Kernels } from "./kernels.ts";
import { correctMatMul } from "./matmul-correction.ts";

export type Core = typeof import("@tensorflow/tfjs-core");

/** Where the engine finds what it needs of the world. */
export interface BackendOptions {
  /**
   * Where the `.wasm` files are: a folder's URL that ends in `/`, or URLs for
   * `tfjs-backend-wasm-simd.wasm` and `tfjs-backend-wasm.wasm`. Absent in Node, where they lie beside
   * the backend.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
}

/** A backend that is ready, and what a receipt says about it. */
export interface ReadyBackend {
  readonly tf: Core;
  readonly kernels: Kernels;
  /** `SIMD, 1 thread`, or the adapter's name */
  readonly device: string;
  readonly isSoftware: boolean;
  /** why the device can no longer be trusted, once that is so */
  readonly fault: () => string | undefined;
}

/** A backend that cannot be had here; the message says why. */
export class BackendError extends Error {
  readonly code = "backend";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BackendError";
  }
}

let wasmBackend: Promise<ReadyBackend> | undefined;
let webgpuBackend: Promise<ReadyBackend> | undefined;
let isCorrected = false;

/**
 * tfjs's WASM backend with SIMD and one thread: threads would give other bits on machines with other
 * numbers of cores, and need nested workers.
 *
 * @throws {BackendError}
 */
export async function wasmReady({ wasmPaths }: BackendOptions): Promise<ReadyBackend> {
  wasmBackend ??= startWasm(wasmPaths).catch((cause: unknown) => {
    wasmBackend = undefined;
    throw new BackendError(`tfjs's WASM backend does not start: ${messageOf(cause)}`, { cause });
  });
  return await wasmBackend;
}

async function startWasm(paths: BackendOptions["wasmPaths"]): Promise<ReadyBackend> {
  const [tf, wasm] = await Promise.all([
    import("@tensorflow/tfjs-core"),
    import("@tensorflow/tfjs-backend-wasm"),
  ]);
  tf.enableProdMode();
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  // all three files must be named, though threads are off
  if (paths !== undefined)
    wasm.setWasmPaths(
      typeof paths === "string" ? paths : { "tfjs-backend-wasm-threaded-simd.wasm": "", ...paths },
    );
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  const backend = await makeWasmBackend(tf);
  tf.removeBackend("wasm");
  tf.registerBackend("wasm", () => backend);
  return {
    tf,
    kernels: new WasmKernels(tf, backend),
    device: simd === true ? "SIMD, 1 thread" : "no SIMD, 1 thread",
    isSoftware: false,
    fault: () => undefined,
  };
}

/** By the backend's own factory, since `setBackend` says only that it has failed, not why. */
async function makeWasmBackend(tf: Core): Promise<BackendWasm> {
  const removeListeners = watchListeners();
  try {
    const backend = await tf.findBackendFactory("wasm")();
    if (!isWasmBackend(backend)) throw new Error("another backend took its place");
    return backend;
  } finally {
    removeListeners();
  }
}

/**
 * In Node, Emscripten's start-up adds listeners that throw every uncaught error once more and so end
 * the process whatever others think of it. Gives what takes them away again.
 */
function watchListeners(): () => void {
  if (typeof process === "undefined" || typeof process.rawListeners !== "function")
    return () => undefined;
  const events: NodeJS.EventEmitter = process;
  const names = ["uncaughtException", "unhandledRejection"];
  const before = new Set(names.flatMap((name) => events.rawListeners(name)));
  return () => {
    for (const name of names)
      for (const listener of events.rawListeners(name))
        if (!before.has(listener) && isListener(listener)) events.removeListener(name, listener);
  };
}

function isListener(value: unknown): value is (...values: unknown[]) => void {
  return typeof value === "function";
}

/**
 * tfjs's WebGPU backend on a device of our own, with the corrections that our layers need. Device
 * errors that no call reports are kept as its fault. A lost device is asked for again.
 *
 * @throws {BackendError}
 */
export async function webgpuReady(): Promise<ReadyBackend> {
  const current = await webgpuBackend?.catch(() => undefined);
  if (current?.fault() !== undefined) webgpuBackend = undefined;
  webgpuBackend ??= startWebGPU().catch((cause: unknown) => {
    webgpuBackend = undefined;
    throw cause instanceof BackendError
      ? cause
      : new BackendError(`tfjs's WebGPU backend does not start: ${messageOf(cause)}`, { cause });
  });
  return await webgpuBackend;
}

/** The adapter that WebGPU would run on, or undefined where there is none. */
export async function findAdapter(): Promise<
  { readonly adapter: GPUAdapter; readonly description: AdapterDescription } | undefined
> {
  if (typeof navigator === "undefined" || !hasGpu(navigator)) return undefined;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter === null ? undefined : { adapter, description: describeAdapter(adapter) };
}

async function startWebGPU(): Promise<ReadyBackend> {
  const found = await findAdapter();
  if (found === undefined) throw new BackendError("there is no WebGPU adapter here");
  const { adapter, description } = found;
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
  });
  let fault: string | undefined;
  device.addEventListener("uncapturederror", ({ error }) => {
    fault ??= `WebGPU reported an error: ${error.message}`;
  });
  void device.lost.then(({ message }) => {
    fault ??= `the WebGPU device was lost: ${message === "" ? "no reason given" : message}`;
  });
  const [tf, webgpu] = await Promise.all([
    import("@tensorflow/tfjs-core"),
    import("@tensorflow/tfjs-backend-webgpu"),
  ]);
  tf.enableProdMode();
  const backend = new webgpu.WebGPUBackend(device, adapter.info);
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => backend);
  if (!isCorrected) correctMatMul(tf);
  isCorrected = true;
  return {
    tf,
    kernels: new WebGPUKernels(tf, backend),
    device: description.name,
    isSoftware: description.isSoftware,
    fault: () => fault,
  };
}

function isWasmBackend(backend: object): backend is BackendWasm {
  return "typedArrayFromHeap" in backend && "makeOutput" in backend;
}

/** `navigator.gpu` is typed as if it were everywhere. */
function hasGpu(navigator: Navigator): boolean {
  const gpu: unknown = navigator.gpu;
  return typeof gpu === "object" && gpu !== null;
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return typeof cause === "object" && cause !== null && "message" in cause
    ? String(cause.message)
    : String(cause);
}
