import { frameLinksFile, framePartsName, partsMessage, type FrameLinks } from "./frame-links.ts";
import { LoadedParts } from "./loaded-parts.ts";
import { textOf, type AskForPart } from "./part-bytes.ts";

/**
 * Starts the workbook's frame in a static site. This is the only script of its page; all else comes
 * over a port from the page around it.
 */
async function startFrame(): Promise<void> {
  const channel = new MessageChannel();
  // The frame has no origin of its own and cannot know its parent's: the message tells nothing.
  window.parent.postMessage(partsMessage, "*", [channel.port2]);
  const ask: AskForPart = (name) => askOver(channel.port1, name);
  const links: FrameLinks = JSON.parse(textOf(await ask(frameLinksFile)));
  const parts = new LoadedParts(links, ask, new URL("assets/", location.href));
  Object.defineProperty(globalThis, framePartsName, { value: parts.face() });
  await parts.withStyles(() => parts.load(links.entry), links.styles);
}

function askOver(port: MessagePort, name: string): Promise<ArrayBuffer> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) => {
      port1.close();
      if (typeof data === "string") reject(new Error(data));
      else resolve(data);
    });
    port1.start();
    port.postMessage(name, [port2]);
  });
}

function explain(text: string): void {
  const explanation = document.createElement("p");
  explanation.setAttribute("role", "alert");
  explanation.textContent = text;
  document.body.append(explanation);
}

// With an origin, a workbook's code would have what belongs to the page around it. In a frame of the
// workbook's own, that code would be the page around it, and give what parts it likes.
if (self.origin === "null" && window.parent !== window && window.parent === window.top)
  startFrame().catch((error: unknown) =>
    explain(
      `This workbook cannot be shown: ${error instanceof Error ? error.message : String(error)}`,
    ),
  );
else explain("A workbook is shown inside its page only.");
