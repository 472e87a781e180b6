/** Gives the bytes of a part by its name; rejects with why it cannot be had. */
export type AskForPart = (name: string) => Promise<ArrayBuffer>;

/** The text of a part. */
export function textOf(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}

/** A `blob:` address for a part. */
export function addressOf(content: BlobPart, name: string): string {
  const type = mediaTypes[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return URL.createObjectURL(new Blob([content], { type }));
}

const mediaTypes: Readonly<Record<string, string>> = {
  js: "text/javascript",
  wasm: "application/wasm",
  woff2: "font/woff2",
};
