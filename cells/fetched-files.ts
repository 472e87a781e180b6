import type { FileSource, WorkspaceFile } from "./file-attachment.ts";
import type { GivenFile, ShellApi } from "./shell-api.ts";

/**
 * The workspace's files as the page gets them: by URLs that name one file each, or, where there is no
 * server to ask, as bytes. Those get a URL of this frame, once for each content; it ends with the frame.
 */
export function fetchedFiles(shell: Pick<ShellApi, "file">, document: Document): FileSource {
  const given = new Map<string, WorkspaceFile>();
  return async (path) => {
    const file = await shell.file(path);
    if (file.bytes === undefined) return fetched(path, file, document.baseURI);
    const name = `${file.digest} ${file.mediaType}`;
    const known = given.get(name) ?? fromBytes(file, file.bytes);
    given.set(name, known);
    return known;
  };
}

function fetched(
  path: string,
  { digest, mediaType, ...file }: GivenFile,
  base: string,
): WorkspaceFile {
  const url = new URL(file.url, base).href;
  return {
    url,
    digest,
    mediaType,
    bytes: async () => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${path} cannot be read: ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

function fromBytes(
  { digest, mediaType }: GivenFile,
  bytes: Uint8Array<ArrayBuffer>,
): WorkspaceFile {
  const blob = new Blob([bytes], { type: mediaType });
  return {
    url: URL.createObjectURL(blob),
    digest,
    mediaType,
    bytes: async () => new Uint8Array(await blob.arrayBuffer()),
  };
}
