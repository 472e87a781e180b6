import type { Attack } from "./hostile.ts";

// What is here runs in the frame, one function by itself: it may name nothing of this module.

/** Each takes the person somewhere else, or opens a window: success is another address. */
export const leaves: readonly Attack[] = [
  {
    name: "top location",
    run: ({ target }) => {
      if (top !== null) top.location.href = target;
    },
  },
  { name: "parent location", run: ({ target }) => parent.location.replace(target) },
  {
    name: "link to the top",
    run: ({ target }) =>
      Object.assign(document.createElement("a"), { href: target, target: "_top" }).click(),
  },
  {
    name: "form to the top",
    run: ({ target }) => {
      const form = Object.assign(document.createElement("form"), {
        action: target,
        target: "_top",
      });
      document.body.append(form);
      form.submit();
    },
  },
  { name: "window", run: ({ target }) => open(target)?.name ?? Promise.reject(new Error("none")) },
  {
    name: "link to a window",
    run: ({ target }) =>
      Object.assign(document.createElement("a"), { href: target, target: "_blank" }).click(),
  },
  { name: "back", run: () => history.back() },
  { name: "far back", run: () => history.go(-2) },
  { name: "close", run: () => parent.close() },
];

/** Each has the frame itself ask for another address, with what it knows in it. */
export const moves: readonly Attack[] = [
  {
    name: "own location",
    run: ({ target }) => {
      location.href = target;
    },
  },
  {
    name: "refresh",
    run: ({ target }) => {
      const meta = Object.assign(document.createElement("meta"), { content: `0; url=${target}` });
      meta.httpEquiv = "refresh";
      document.head.append(meta);
    },
  },
  {
    name: "link",
    run: ({ target }) => {
      const link = Object.assign(document.createElement("a"), { href: target });
      document.body.append(link);
      link.click();
    },
  },
  {
    name: "form",
    run: ({ target }) => {
      const form = Object.assign(document.createElement("form"), {
        action: target,
        method: "post",
      });
      document.body.append(form);
      form.submit();
    },
  },
];

/** Each asks the browser for what reaches past the frame: success is an event, or to be given it. */
export const powers: readonly Attack[] = [
  { name: "alert", run: () => alert("Start full run?") },
  { name: "confirm", run: () => confirm("Start full run?") },
  { name: "prompt", run: () => prompt("Your token?") },
  { name: "print", run: () => print() },
  {
    name: "download",
    run: () => {
      const href = URL.createObjectURL(new Blob(["x"]));
      Object.assign(document.createElement("a"), { href, download: "x.exe" }).click();
    },
  },
];

/** Each asks for a power, and is told that it has it, or not. */
export const permissions: readonly Attack[] = [
  { name: "full screen", run: () => document.documentElement.requestFullscreen() },
  { name: "pointer lock", run: () => document.body.requestPointerLock() },
  {
    name: "notifications",
    run: async () => {
      const answer = await Notification.requestPermission();
      if (answer !== "granted") throw new Error(answer);
    },
  },
  { name: "clipboard", run: () => navigator.clipboard.readText() },
  { name: "camera", run: () => navigator.mediaDevices.getUserMedia({ video: true }).then(() => 1) },
  { name: "screen", run: () => navigator.mediaDevices.getDisplayMedia().then(() => 1) },
  {
    name: "position",
    run: () =>
      new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
  },
];
