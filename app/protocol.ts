export type { FrameApi, OpenDocument, ShellApi } from "../cells/shell-api.ts";

/** The first message, frame to parent by `postMessage`: the frame listens and wants its port. */
export const helloMessage = "tierbook.hello";

/** The answer, parent to frame, sent once with exactly one MessagePort; all else goes over that. */
export const welcomeMessage = "tierbook.welcome";
