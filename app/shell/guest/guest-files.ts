import type { GivenFile, GivenTable } from "../../../cells/shell-api.ts";
import {
  PublicationError,
  type Part,
  type PublishedFile,
} from "../../../cells/share/publication.ts";
import { ApiError } from "../api.ts";
import type { OpenedPublication } from "./publication-client.ts";

/** The files that came with a workbook. Their bytes go to the frame itself: there is no server to read from. */
export class GuestFiles {
  private readonly files: ReadonlyMap<string, PublishedFile>;

  constructor(private readonly opened: OpenedPublication | undefined) {
    this.files = new Map(opened?.publication.files.map((file) => [file.path, file]));
  }

  /** @throws {ApiError} `not-published`, and what {@link PublicationError} says */
  async table(path: string): Promise<GivenTable> {
    const { digest, table } = this.files.get(path) ?? {};
    if (digest === undefined || table === undefined) throw this.notPublished(path);
    const { part, table: name, numRows } = table;
    const location = `${part.digest}.duckdb`;
    return { path, digest, location, table: name, numRows, bytes: await this.bytes(path, part) };
  }

  /** @throws {ApiError} `not-published`, and what {@link PublicationError} says */
  async capability(path: string): Promise<GivenFile> {
    const { digest, mediaType, bytes: part } = this.files.get(path) ?? {};
    if (digest === undefined || mediaType === undefined || part === undefined)
      throw this.notPublished(path);
    if (part.digest !== digest)
      throw new ApiError(
        `The publication contradicts itself: it has other bytes of ${path} than it says`,
        "malformed",
        0,
      );
    return { url: "", digest, mediaType, bytes: await this.bytes(path, part) };
  }

  /** What the publication says of a file, also where its bytes stayed at home. */
  async fileDigest(path: string): Promise<string | null> {
    return this.files.get(path)?.digest ?? null;
  }

  private async bytes(path: string, part: Part): Promise<Uint8Array<ArrayBuffer>> {
    if (this.opened === undefined) throw this.notPublished(path);
    try {
      return await this.opened.bytes(part);
    } catch (error) {
      if (!(error instanceof PublicationError)) throw error;
      throw new ApiError(`${path} cannot be read: ${error.message}`, error.code, 0);
    }
  }

  private notPublished(path: string): ApiError {
    return new ApiError(
      `${path} is not here: ${this.whyNot(path)}`,
      "not-published",
      0,
      "Make a copy in a workspace that has it",
    );
  }

  private whyNot(path: string): string {
    if (this.opened === undefined) return "a link carries a workbook's text and no files";
    const { bytes, table } = this.files.get(path) ?? {};
    if (table !== undefined) return "only the table that SQL reads was published";
    if (bytes !== undefined) return "only its bytes were published, and not as a table for SQL";
    return "it was not published with this workbook";
  }
}
