import { helloMessage, welcomeMessage } from "../protocol.ts";

/**
 * Asks the page around this frame for the one port over which everything else goes. Resolves with
 * the first answer and hears no other.
 */
export function connectToShell(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const listen = (event: MessageEvent): void => {
      const [port] = event.ports;
      if (event.source !== window.parent || event.data !== welcomeMessage || port === undefined)
        return;
      window.removeEventListener("message", listen);
      resolve(port);
    };
    window.addEventListener("message", listen);
    // The frame has no origin of its own and cannot know its parent's: the greeting holds nothing.
    window.parent.postMessage(helloMessage, "*");
  });
}
