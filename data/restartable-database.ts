import type { Database } from "./database.ts";
import { QueryError } from "./query-client.ts";

/**
 * A database that starts when it is first used, and again when it is used after it broke. Whatever
 * is under way when it breaks or closes rejects, even where the engine itself never answers.
 */
export class RestartableDatabase {
  private engine: Engine | undefined;
  private readonly closed: Promise<never>;
  private reject: (reason: QueryError) => void = () => undefined;
  private isClosed = false;

  /**
   * @param open starts an engine, which calls `fail` when it breaks
   * @param onLost is told when an engine is gone, and everything in it
   */
  constructor(
    private readonly open: (fail: (reason: Error) => void) => Promise<Database>,
    private readonly onLost: () => void,
  ) {
    this.closed = new Promise((_, reject) => (this.reject = reject));
    this.closed.catch(() => undefined);
  }

  /** Whether there is an engine, running or starting. */
  get isRunning(): boolean {
    return this.engine !== undefined && !this.isClosed;
  }

  /** Works with the engine, which starts if it is not there. */
  async use<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
    if (this.isClosed) return await this.closed;
    const engine = (this.engine ??= this.start());
    return await Promise.race([engine.database.then(work), engine.broken, this.closed]);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reject(new QueryError("the database was closed", "closed"));
    await (await this.engine?.database.catch(() => undefined))?.close();
  }

  private start(): Engine {
    let breaks: (error: QueryError) => void = () => undefined;
    const broken = new Promise<never>((_, reject) => (breaks = reject));
    broken.catch(() => undefined);
    const forget = (): void => {
      if (this.engine !== engine) return;
      this.engine = undefined;
      this.onLost();
    };
    const database = this.open((cause) => {
      forget();
      const message = `DuckDB was stopped: ${cause.message}; large results are lost, so run their cells again`;
      breaks(new QueryError(message, "other", undefined, { cause }));
    });
    const engine = { database, broken };
    // the next query tries again, for example when the network is back
    database.catch(forget);
    return engine;
  }
}

/** An engine that runs or starts; `broken` rejects when it breaks. */
interface Engine {
  readonly database: Promise<Database>;
  readonly broken: Promise<never>;
}
