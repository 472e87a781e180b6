// Finds Chromium for the browser tests, and installs it where it is missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The path of a Chromium: $CHROMIUM, one on the PATH, or an installed application. */
export function findChromium() {
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CHROMIUM, ...onPath, ...applications].find(
    (path) => path && existsSync(path),
  );
}

/** The path of a Chromium, installed from the system's packages if there was none. */
export function ensureChromium() {
  return findChromium() ?? installChromium();
}

function installChromium() {
  console.log("Installing Chromium for the browser tests…");
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, "apt-get", ...args];
    return spawnSync(command, rest, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }).status;
  };
  if (apt("update") === 0)
    apt("install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core");
  const path = findChromium();
  if (path) return path;
  console.error(
    "Chromium is needed for the browser tests and could not be installed.\n" +
      "Install Chromium or Chrome, or set CHROMIUM to its path, and run this again.",
  );
  return process.exit(1);
}
