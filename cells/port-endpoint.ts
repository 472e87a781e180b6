/** One end of a channel that carries structured clones: what {@link connectPort} speaks over. */
export interface Endpoint {
  /** Sends a message; `transfer` names buffers to give away, where the channel can. */
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Hears messages, and once that the other side is gone. Called once. */
  listen(receive: (message: unknown) => void, closed: () => void): void;
  /** Stops hearing and closes the channel. */
  close(): void;
}

/** The end of a channel between two pages, or a page and its worker. */
export function messagePortEndpoint(port: MessagePort | DedicatedWorker): Endpoint {
  return {
    post: (message, transfer) => port.postMessage(message, [...transfer]),
    listen(receive, closed) {
      port.addEventListener("message", (event) => {
        if ("data" in event) receive(event.data);
      });
      // Chromium tells a port when its other side is gone; elsewhere nobody says so.
      port.addEventListener("close", closed);
      if ("start" in port) port.start();
    },
    close: () => ("close" in port ? port.close() : port.terminate()),
  };
}

/** A worker as its page sees it. */
interface DedicatedWorker extends EventTarget {
  postMessage(message: unknown, transfer: Transferable[]): void;
  terminate(): void;
}

/** A process at the other end of Node's IPC, forked with `serialization: "advanced"`. */
export interface IpcProcess {
  send?(message: unknown, callback: (error: Error | null) => void): boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
  readonly connected: boolean | undefined;
  disconnect?(): void;
}

/** The end of a channel between a process and its child; either side. Nothing is transferred. */
export function processEndpoint(process: IpcProcess): Endpoint {
  let gone = (): void => undefined;
  return {
    post(message) {
      if (process.connected !== true) return gone();
      process.send?.(message, (error) => {
        if (error !== null) gone();
      });
    },
    listen(receive, closed) {
      gone = closed;
      process.on("message", receive);
      process.on("disconnect", closed);
    },
    close() {
      if (process.connected === true) process.disconnect?.();
    },
  };
}
