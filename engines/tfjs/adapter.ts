/** A WebGPU adapter as far as a choice and a receipt need it. */
export interface AdapterDescription {
  /** what a person would call it: `google swiftshader (SwiftShader Device …)` */
  readonly name: string;
  /** whether a CPU pretends to be one: right, but many times slower than WASM */
  readonly isSoftware: boolean;
}

/** Describes an adapter from what the browser tells of it. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { vendor, architecture, device, description } = adapter.info;
  const words = [vendor, architecture, device].filter((word) => word !== "").join(" ");
  const name =
    description === "" ? words : words === "" ? description : `${words} (${description})`;
  return {
    name: name === "" ? "unnamed adapter" : name,
    isSoftware:
      isFallback(adapter) ||
      isFallback(adapter.info) ||
      /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp\b/i.test(name),
  };
}

/** Chromium moved this flag from the adapter to its info. */
function isFallback(described: object): boolean {
  return "isFallbackAdapter" in described && described.isFallbackAdapter === true;
}
