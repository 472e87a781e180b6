/**
 * Takes away what the Content Security Policy does not cover: WebRTC reaches any host without a
 * `connect-src` being asked. Imported before everything else, so that no cell can have kept it. A
 * window that a cell makes has it still, but runs no script: see the frame's headers.
 */
for (const name of [
  "RTCPeerConnection",
  "webkitRTCPeerConnection",
  "RTCDataChannel",
  "RTCSessionDescription",
  "RTCIceCandidate",
]) {
  Reflect.deleteProperty(globalThis, name);
}
