import { connectPort, type Port } from "../../cells/port.ts";
import { messagePortEndpoint } from "../../cells/port-endpoint.ts";
import { frameApiSchema, shellApiSchema } from "../../cells/shell-api.ts";
import { helloMessage, welcomeMessage, type FrameApi, type ShellApi } from "../protocol.ts";
import { partsMessage } from "../site/frame-links.ts";
import { h } from "./dom.ts";
import { serveFrameParts } from "./frame-parts.ts";
import { pageBase } from "./page-base.ts";
import { isStaticSite } from "./routes.ts";
import { unguessableName } from "./unguessable-name.ts";

/** The sandboxed frame of one workbook, and the one port to it. */
export class FrameHost {
  /** what its capabilities are given to; known to nobody else */
  readonly id = unguessableName();
  readonly element = h("iframe", {
    class: "frame",
    title: "Workbook",
    sandbox: "allow-scripts allow-forms",
    allow: "cross-origin-isolated; clipboard-write",
  });
  /** Resolves once the frame has its port; never, if it is removed before. */
  readonly connected: Promise<Port<FrameApi>>;
  /** Resolves once another document stands in the frame: a cell has navigated it away. */
  readonly left: Promise<void>;
  private port: Port<FrameApi> | undefined;
  private hasParts = false;
  private readonly listen: (event: MessageEvent) => void;

  /** @param api what this frame may ask for */
  constructor(api: (host: FrameHost) => ShellApi) {
    let resolve: (port: Port<FrameApi>) => void;
    this.connected = new Promise((resolved) => (resolve = resolved));
    // each document fires it once, also the page that stands for a blocked one
    this.left = new Promise((leave) => {
      const loaded = (): void => this.element.addEventListener("load", () => leave());
      this.element.addEventListener("load", loaded, { once: true });
    });
    this.listen = (event) => {
      // A frame without an origin can only be known by its window. It is answered once: what it
      // navigates to gets no port.
      if (event.source !== this.element.contentWindow) return;
      if (event.data === partsMessage) return this.serveParts(event.ports[0]);
      if (event.data !== helloMessage) return;
      window.removeEventListener("message", this.listen);
      const channel = new MessageChannel();
      this.port = connectPort(messagePortEndpoint(channel.port1), frameApiSchema, {
        schema: shellApiSchema,
        api: api(this),
      });
      this.element.contentWindow?.postMessage(welcomeMessage, "*", [channel.port2]);
      resolve(this.port);
    };
    window.addEventListener("message", this.listen);
    this.element.src = new URL("frame.html", pageBase()).href;
  }

  private serveParts(port: MessagePort | undefined): void {
    if (port === undefined || this.hasParts || !isStaticSite()) return;
    this.hasParts = true;
    serveFrameParts(port);
  }

  /** Removes the frame, which ends whatever runs in it, and its port. */
  remove(): void {
    window.removeEventListener("message", this.listen);
    this.port?.close();
    this.element.remove();
  }
}
