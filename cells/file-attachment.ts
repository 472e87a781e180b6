import type { DSVRowArray } from "d3";
import { fileReaderKey, type FileListener, type FileReader } from "../runtime/fingerprint-files.ts";

/** A workspace file as its host gives it. */
export interface WorkspaceFile {
  /** where it can be fetched from: a URL in the page, a path headless */
  readonly url: string;
  /** SHA-256 of its bytes */
  readonly digest: string;
  readonly mediaType: string;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Gives a file of the workspace by its path there. */
export type FileSource = (path: string) => Promise<WorkspaceFile>;

/** How delimited text is read. */
export interface DelimitedOptions {
  /** whether numbers, dates and truth values are recognised; else all is text */
  readonly typed?: boolean;
  /** whether rows are arrays, not objects */
  readonly array?: boolean;
}

/** Observable's `FileAttachment`: a file of the workspace, read when it is asked for. */
export class Attachment {
  private file: Promise<WorkspaceFile> | undefined;

  constructor(
    /** the path in the workspace */
    readonly name: string,
    private readonly source: FileSource,
    private readonly document: Document,
  ) {}

  async url(): Promise<string> {
    return (await this.opened()).url;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await (await this.opened()).bytes();
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  }

  async blob(): Promise<Blob> {
    const file = await this.opened();
    return new Blob([await file.bytes()], { type: file.mediaType });
  }

  /** @param encoding such as `utf-8` (the default) or `latin1` */
  async text(encoding = "utf-8"): Promise<string> {
    return new TextDecoder(encoding).decode(await (await this.opened()).bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** Rows of comma-separated values, by the names in the first line. */
  async csv(options: DelimitedOptions = {}): Promise<unknown> {
    return await this.delimited(",", options);
  }

  /** Rows of tab-separated values. */
  async tsv(options: DelimitedOptions = {}): Promise<unknown> {
    return await this.delimited("\t", options);
  }

  /** @param properties of the image, such as `{width: 200}` */
  async image(properties: Readonly<Record<string, unknown>> = {}): Promise<HTMLImageElement> {
    const image = this.document.createElement("img");
    Object.assign(image, { crossOrigin: "anonymous", ...properties, src: await this.url() });
    return image;
  }

  private async delimited(
    delimiter: string,
    { typed = false, array = false }: DelimitedOptions,
  ): Promise<unknown> {
    const d3 = await import("d3");
    const text = await this.text();
    const parser = d3.dsvFormat(delimiter);
    if (array)
      return typed ? parser.parseRows(text, (row) => d3.autoType(row)) : parser.parseRows(text);
    const rows: DSVRowArray = parser.parse(text);
    return typed ? Object.assign(rows.map(d3.autoType), { columns: rows.columns }) : rows;
  }

  private opened(): Promise<WorkspaceFile> {
    return (this.file ??= this.source(this.name));
  }
}

/** The builtin `FileAttachment`. */
export interface FileAttachment extends FileReader {
  (name: string): Attachment;
}

/**
 * The builtin `FileAttachment` of one workbook. In one run a name always gives the same attachment;
 * another run asks for the file anew, as a query does, so that it reads what the file holds then.
 */
export function fileAttachment(source: FileSource, document: Document): FileAttachment {
  const forRun = (read: FileListener) =>
    attachmentsFrom(async (path) => {
      const file = await source(path);
      read(path, file.digest);
      return {
        ...file,
        get url() {
          read(path, file.digest, { passesUrl: true });
          return file.url;
        },
      };
    }, document);
  return Object.assign(attachmentsFrom(source, document), { [fileReaderKey]: forRun });
}

function attachmentsFrom(source: FileSource, document: Document): (name: string) => Attachment {
  const attachments = new Map<string, Attachment>();
  return (name) => {
    if (typeof name !== "string" || name === "")
      throw new TypeError('FileAttachment: name a file of the workspace, such as "data/a.csv"');
    let attachment = attachments.get(name);
    if (attachment === undefined)
      attachments.set(name, (attachment = new Attachment(name, source, document)));
    return attachment;
  };
}
