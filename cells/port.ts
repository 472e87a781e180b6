import { parse, type GenericSchema, getDotPath, isValiError } from "valibot";
import type { Endpoint } from "./port-endpoint.ts";
import { ItemQueue, type Waiting } from "./item-queue.ts";
import { PortError, readMessage, wireError, type PortMessage } from "./port-message.ts";

/**
 * What each method of an interface takes and gives, as schemas that are checked at run time: on the
 * serving side what it is asked, on the calling side what it is answered. Neither trusts the other.
 */
export type ApiSchema<Api extends object> = {
  readonly [Method in keyof Api]: Api[Method] extends (
    ...args: infer Args
  ) => AsyncIterable<infer Item>
    ? {
        readonly kind: "stream";
        readonly args: GenericSchema<unknown, Args>;
        readonly item: GenericSchema<unknown, Item>;
      }
    : Api[Method] extends (...args: infer Args) => Promise<infer Result>
      ? {
          readonly kind: "call";
          readonly args: GenericSchema<unknown, Args>;
          readonly result: GenericSchema<unknown, Result>;
        }
      : never;
};

/** One side of a connection. */
export interface Port<Remote> {
  /**
   * The other side's interface. Calls reject with a {@link PortError}: the other side's own error
   * with its code and hint, or `bad-answer`, or `port-closed`. A stream opens when it is iterated
   * and detaches when the iteration returns.
   */
  readonly remote: Remote;
  /** Settles when the connection ends, from whichever side. Never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection: calls under way reject, streams end. */
  close(): void;
}

/**
 * Connects two sides that serve and call each other. Whatever comes in is checked: what is no
 * message is ignored, a call that does not fit its schema is answered with an error, and nothing
 * that the other side sends can throw here.
 *
 * A stream that is served should answer `return` at once even while `next` is waiting (an async
 * generator does not), else it is let go only at its next item.
 */
export function connectPort<Remote extends object, Local extends object>(
  endpoint: Endpoint,
  remote: ApiSchema<Remote>,
  local: { readonly schema: ApiSchema<Local>; readonly api: Local },
): Port<Remote> {
  const connection = new Connection(endpoint, methodsOf(local.schema), local.api);
  // The methods are made from the schema that the type was computed from.
  const api = Object.fromEntries(
    [...methodsOf(remote)].map(([name, method]) => [name, connection.stub(name, method)]),
  ) as Remote;
  return { remote: api, closed: connection.closed, close: () => connection.close() };
}

/** Marks an argument or a value so that its buffers are given away, not copied, as it is sent. */
export function transferring<Value extends object>(
  value: Value,
  buffers: readonly ArrayBuffer[],
): Value {
  transfers.set(value, buffers);
  return value;
}

const transfers = new WeakMap<object, readonly ArrayBuffer[]>();

/** The most calls and streams that one side may have open at the other. */
const maxOpen = 1000;

type Method =
  | { readonly kind: "call"; readonly args: GenericSchema; readonly result: GenericSchema }
  | { readonly kind: "stream"; readonly args: GenericSchema; readonly item: GenericSchema };

function methodsOf(schema: object): ReadonlyMap<string, Method> {
  return new Map<string, Method>(Object.entries(schema));
}

type Request = Extract<PortMessage, { readonly type: "call" | "open" }>;

class Connection {
  readonly closed: Promise<void>;
  private resolveClosed = (): void => undefined;
  private isClosed = false;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();
  /** what is served here, by the other side's number, and how to let go of it */
  private readonly serving = new Map<number, () => void>();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly methods: ReadonlyMap<string, Method>,
    private readonly api: object,
  ) {
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    endpoint.listen(
      (data) => this.receive(readMessage(data)),
      () => this.end(),
    );
  }

  close(): void {
    this.end();
    this.endpoint.close();
  }

  /** A function that calls the other side's method of that name. */
  stub(name: string, method: Method): (...args: unknown[]) => unknown {
    return method.kind === "call"
      ? (...args) => this.call(name, args, method.result)
      : (...args) => this.stream(name, args, method.item);
  }

  private call(method: string, args: readonly unknown[], schema: GenericSchema): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.ask("call", method, args, {
        value: (value) => resolve(value),
        done: () => reject(answerError(method, "it ended without a value")),
        fail: reject,
      });
    }).then((value) => answer(method, schema, value));
  }

  private stream(
    method: string,
    args: readonly unknown[],
    schema: GenericSchema,
  ): AsyncIterable<unknown> {
    return {
      [Symbol.asyncIterator]: () => {
        const queue = new ItemQueue();
        let id: number | undefined;
        return {
          next: () => {
            id ??= this.ask("open", method, args, queue);
            return queue.next((value) => answer(method, schema, value));
          },
          return: () => {
            if (id !== undefined && this.waiting.delete(id)) this.post({ type: "detach", id });
            id ??= 0;
            queue.done();
            return Promise.resolve({ done: true, value: undefined });
          },
        };
      },
    };
  }

  private ask(
    type: "call" | "open",
    method: string,
    args: readonly unknown[],
    waiting: Waiting,
  ): number {
    const id = ++this.lastId;
    if (this.isClosed) waiting.fail(closedError());
    else {
      this.waiting.set(id, waiting);
      const sent = this.post({ type, id, method, args }, args);
      if (sent instanceof Error && this.waiting.delete(id)) waiting.fail(sent);
    }
    return id;
  }

  private receive(message: PortMessage | undefined): void {
    if (message === undefined || this.isClosed) return;
    if (message.type === "call" || message.type === "open") return void this.serve(message);
    if (message.type === "detach") return this.serving.get(message.id)?.();
    const waiting = this.waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.type === "next") return waiting.value(message.value);
    this.waiting.delete(message.id);
    if (message.type === "throw") waiting.fail(new PortError(message.error));
    else if (message.type === "return") waiting.value(message.value);
    else waiting.done();
  }

  private async serve(request: Request): Promise<void> {
    const { id } = request;
    try {
      const { method, args } = this.accept(request);
      const run: unknown = Reflect.get(this.api, request.method);
      if (typeof run !== "function")
        throw refusal("unknown-method", `There is no ${request.method}`);
      this.serving.set(id, () => this.serving.delete(id));
      const given: unknown = Reflect.apply(run, this.api, args);
      if (method.kind === "call") this.reply({ type: "return", id, value: await given });
      else await this.serveStream(id, given);
    } catch (error) {
      this.reply({ type: "throw", id, error: wireError(error) });
    } finally {
      this.serving.delete(id);
    }
  }

  private accept({ type, id, method: name, args }: Request): {
    method: Method;
    args: unknown[];
  } {
    const method = this.methods.get(name);
    if (method === undefined || (method.kind === "call") !== (type === "call"))
      throw refusal("unknown-method", `There is no ${type === "call" ? "call" : "stream"} ${name}`);
    if (this.serving.has(id)) throw refusal("bad-message", `The number ${id} is in use`);
    if (this.serving.size >= maxOpen)
      throw refusal("busy", `More than ${maxOpen} calls are under way`);
    const given = check(method.args, args, (fault) => refusal("bad-argument", `${name}: ${fault}`));
    return { method, args: Array.isArray(given) ? given : [] };
  }

  private async serveStream(id: number, given: unknown): Promise<void> {
    if (!isAsyncIterable(given)) throw refusal("error", "The stream cannot be iterated");
    const iterator = given[Symbol.asyncIterator]();
    const detached = new Promise<undefined>((resolve) =>
      this.serving.set(id, () => {
        this.serving.delete(id);
        resolve(undefined);
      }),
    );
    for (;;) {
      const pending = iterator.next();
      pending.catch(() => undefined);
      const step = await Promise.race([pending, detached]);
      if (step === undefined) {
        void Promise.resolve(iterator.return?.()).catch(() => undefined);
        return;
      }
      if (step.done === true) return void this.reply({ type: "done", id });
      this.reply({ type: "next", id, value: step.value });
    }
  }

  /** Answers as long as the other side still listens; a value that cannot be sent is an error. */
  private reply(message: Exclude<PortMessage, Request>): void {
    if (message.type !== "throw" && !this.serving.has(message.id)) return;
    const sent = this.post(message, "value" in message ? [message.value] : []);
    if (sent instanceof Error && message.type !== "throw") throw sent;
  }

  private post(message: PortMessage, carriers: readonly unknown[] = []): Error | undefined {
    if (this.isClosed) return closedError();
    try {
      this.endpoint.post(message, carriers.flatMap(buffersOf));
      return undefined;
    } catch (error) {
      return new PortError({ ...wireError(error), code: "cannot-send" });
    }
  }

  private end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const waiting of this.waiting.values()) waiting.fail(closedError());
    for (const release of this.serving.values()) release();
    this.waiting.clear();
    this.resolveClosed();
  }
}

function answer(method: string, schema: GenericSchema, value: unknown): unknown {
  return check(schema, value, (fault) => answerError(method, fault));
}

function check(schema: GenericSchema, value: unknown, error: (fault: string) => Error): unknown {
  try {
    return parse(schema, value, { abortEarly: true });
  } catch (thrown) {
    if (!isValiError(thrown)) throw thrown;
    const [issue] = thrown.issues;
    const path = getDotPath(issue);
    throw error(path === null ? issue.message : `${path}: ${issue.message}`);
  }
}

function buffersOf(value: unknown): readonly ArrayBuffer[] {
  return typeof value === "object" && value !== null ? (transfers.get(value) ?? []) : [];
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function refusal(code: string, message: string): PortError {
  return new PortError({ name: "PortError", code, message });
}

function answerError(method: string, fault: string): PortError {
  return refusal(
    "bad-answer",
    `${method} was answered with something else than it gives: ${fault}`,
  );
}

function closedError(): PortError {
  return new PortError({
    name: "PortError",
    code: "port-closed",
    message: "The connection is closed",
    hint: "Reload the workbook",
  });
}
