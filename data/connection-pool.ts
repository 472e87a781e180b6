/**
 * Connections of one database, each used by one query at a time: a quick query need not wait for a
 * long one. Past `limit`, queries wait for their turn.
 */
export class ConnectionPool<Connection> {
  private readonly idle: Connection[] = [];
  private readonly waiting: ((connection: Connection) => void)[] = [];
  private count = 0;

  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly limit: number,
  ) {}

  /** Runs work on a connection that is its own until it is done. */
  async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = await this.take();
    try {
      return await work(connection);
    } finally {
      const next = this.waiting.shift();
      if (next) next(connection);
      else this.idle.push(connection);
    }
  }

  private async take(): Promise<Connection> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    if (this.count >= this.limit) return await new Promise((resolve) => this.waiting.push(resolve));
    this.count++;
    try {
      return await this.connect();
    } catch (error) {
      this.count--;
      throw error;
    }
  }
}
