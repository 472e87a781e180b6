import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openFile } from "../cells/report/report-file.ts";
import { partsOf, type Publication } from "../cells/share/publication.ts";
import type {
  PreparedPublication,
  PublicationLine,
  PublicationRequest,
} from "../cells/share/publishing.ts";
import { digestPattern } from "../runtime/sha256.ts";
import { collectPublication } from "./collect-publication.ts";
import { createDurably, readIfThere, syncFolder } from "./durable-file.ts";
import type { LedgerEntry, LedgerType } from "./ledger.ts";
import { withLock } from "./lock-file.ts";
import { noteReport } from "./make-report.ts";
import { foldersByAge, isFolder, namesIn, readFolder } from "./publication-folders.ts";
import { draftPrefix, publicationFile } from "./publication-draft.ts";
import { ServerError } from "./server-error.ts";
import type { Workspace } from "./workspace.ts";

/** How long a publication may be prepared before nobody wants it any more, in milliseconds. */
const preparedFor = 24 * 3_600_000;
/** How many prepared ones stay; the page prepares anew whenever the person changes their mind. */
const mostPrepared = 4;
/** How long a folder may be a draft, in milliseconds: an older one belongs to a process that died. */
const draftedFor = 3_600_000;
/** How many publications are kept in memory, since every part is asked for by itself. */
const mostKnown = 16;

/** A publication that is public. */
export interface PublicPublication {
  readonly publication: Publication;
  /** the path of `publication.json` */
  readonly file: string;
  /** the path of a part; undefined where the publication has no such part */
  part(digest: string): string | undefined;
}

/** What the ledger says of a publication. */
interface Noted extends Partial<Pick<Publication, "path" | "at" | "by">> {
  readonly digest: string;
}

/**
 * What a workspace publishes, in `.tierbook/publications`: `prepared/<digest>`, which nobody else can
 * see; `published/<digest>`; and an empty file `taken-back/<digest>` for each that has ended, which
 * counts before all else. A folder changes its place by one rename, so that a crash at any moment
 * leaves a publication public or not. The ledger hears of it before anybody else can.
 */
export class Publications {
  private readonly folder: string;
  private readonly known = new Map<string, PublicPublication>();

  constructor(private readonly workspace: Workspace) {
    this.folder = join(workspace.state, "publications");
  }

  /**
   * Makes a publication that is not public, and says what it would give away.
   *
   * @throws {ServerError} as {@link collectPublication} does
   */
  async prepare(request: PublicationRequest): Promise<PreparedPublication> {
    await this.clean();
    const {
      publication: _,
      report: __,
      ...prepared
    } = await collectPublication(this.workspace, this.at("prepared"), request);
    return prepared;
  }

  /**
   * Makes a prepared publication public. Doing it twice is doing it once.
   *
   * @throws {ServerError} 404 `publication` where none is prepared, 410 `gone` where it was taken back
   */
  async publish(digest: string): Promise<PublicationLine> {
    checkName(digest);
    return await this.alone(async () => {
      await this.refuseGone(digest);
      if (!(await isFolder(this.at("published", digest)))) await this.makePublic(digest);
      return lineOf(digest, (await this.find(digest)).publication);
    });
  }

  /** What is public, the newest first. */
  async list(): Promise<readonly PublicationLine[]> {
    const lines: PublicationLine[] = [];
    for (const digest of await namesIn(this.at("published"))) {
      try {
        lines.push(lineOf(digest, (await this.find(digest)).publication));
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        // one that is damaged hides no other
        if (error.status === 500) console.error(`tierbook: ${error.message}`);
      }
    }
    return lines.sort((a, b) => (a.at > b.at ? -1 : 1));
  }

  /**
   * A publication that is public.
   *
   * @throws {ServerError} 404 `publication`, 410 `gone`, 500 `publication` where it is damaged
   */
  async find(digest: string): Promise<PublicPublication> {
    checkName(digest);
    await this.refuseGone(digest);
    const folder = this.at("published", digest);
    if (!(await isFolder(folder))) throw noPublication(digest);
    const known = this.known.get(digest);
    if (known !== undefined) return known;
    const publication = await readFolder(folder, digest);
    const parts = new Set(partsOf(publication).map((part) => part.digest));
    const found: PublicPublication = {
      publication,
      file: join(folder, publicationFile),
      part: (name) => (parts.has(name) ? join(folder, "parts", name) : undefined),
    };
    this.known.set(digest, found);
    for (const oldest of this.known.keys())
      if (this.known.size > mostKnown) this.known.delete(oldest);
    return found;
  }

  /** Ends a publication for good. Doing it twice is doing it once. @throws {ServerError} 404 */
  async takeBack(digest: string): Promise<void> {
    checkName(digest);
    await this.alone(async () => {
      const isGone = await this.isGone(digest);
      if (!isGone && !(await isFolder(this.at("published", digest)))) throw noPublication(digest);
      await createDurably(this.at("taken-back", digest), "");
      await this.finishTakingBack(digest);
    });
  }

  /** Removes what nobody wants any more, and ends what a process that died had begun. */
  async clean(): Promise<void> {
    await this.alone(async () => {
      for (const digest of await namesIn(this.at("taken-back")))
        if (await isFolder(this.at("published", digest))) await this.finishTakingBack(digest);
      // while we hold the lock nobody writes here: what is half written, or half removed, stays so
      for (const folder of ["published", "taken-back"])
        for (const { name, path } of await foldersByAge(this.at(folder)))
          if (!digestPattern.test(name)) await remove(path);
      let prepared = 0;
      for (const { name, path, age } of await foldersByAge(this.at("prepared"))) {
        const isDraft = name.startsWith(draftPrefix);
        if (!isDraft) prepared++;
        if (age > (isDraft ? draftedFor : preparedFor) || prepared > mostPrepared)
          await remove(path);
      }
    });
  }

  private async makePublic(digest: string): Promise<void> {
    const prepared = this.at("prepared", digest);
    if (!(await isFolder(prepared)))
      throw new ServerError(404, "publication", "this publication is not prepared, or no longer", {
        hint: "prepare it again",
      });
    const publication = await readFolder(prepared, digest);
    const { path, at, by, report } = publication;
    const html = await readFile(join(prepared, "parts", report.digest), "utf8");
    const reportDigest = openFile(html)?.digest;
    if (reportDigest !== undefined)
      await noteReport(this.workspace.ledger, { digest: reportDigest, path, at });
    await this.note("publication", { digest, path, at, by });
    await mkdir(this.at("published"), { recursive: true });
    await rename(prepared, this.at("published", digest));
    await syncFolder(this.at("published"));
    await syncFolder(this.at("prepared"));
  }

  /** Afterwards the ledger knows it, and the content is gone. */
  private async finishTakingBack(digest: string): Promise<void> {
    await this.note("publication-taken-back", { digest });
    const folder = this.at("published", digest);
    const aside = this.at("published", draftPrefix + randomBytes(8).toString("hex"));
    this.known.delete(digest);
    if (!(await isFolder(folder))) return;
    await rename(folder, aside);
    await remove(aside);
    await syncFolder(this.at("published"));
  }

  private async note(type: LedgerType, body: Noted): Promise<void> {
    await this.workspace.ledger.append([{ type, body }], (entries) =>
      entries.some((entry) => entry.type === type && digestIn(entry) === body.digest),
    );
  }

  private async refuseGone(digest: string): Promise<void> {
    if (await this.isGone(digest))
      throw new ServerError(410, "gone", "whoever published this workbook has taken it back");
  }

  private async isGone(digest: string): Promise<boolean> {
    return (await readIfThere(this.at("taken-back", digest))) !== undefined;
  }

  private at(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Runs something while no other process changes what is public. */
  private async alone<Result>(body: () => Promise<Result>): Promise<Result> {
    await mkdir(this.folder, { recursive: true });
    return await withLock(this.at("lock"), body);
  }
}

function lineOf(digest: string, publication: Publication): PublicationLine {
  const { title, path, workbook, by, at, files } = publication;
  return {
    digest,
    title,
    path,
    workbook: workbook.digest,
    by,
    at,
    bytes: partsOf(publication).reduce((sum, { size }) => sum + size, 0),
    withData: files.some(({ bytes, table }) => bytes !== undefined || table !== undefined),
  };
}

function digestIn({ body }: LedgerEntry): unknown {
  return typeof body === "object" && body !== null && "digest" in body ? body.digest : undefined;
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** What is no digest would name another folder. */
function checkName(digest: string): void {
  if (!digestPattern.test(digest)) throw noPublication(digest);
}

function noPublication(digest: string): ServerError {
  return new ServerError(404, "publication", `nothing is published under ${digest}`, {
    hint: "check that the link is whole, or ask whoever sent it",
  });
}
