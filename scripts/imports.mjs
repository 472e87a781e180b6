// Imports point one way: app → cells → engines → data → runtime, and server → the last four.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** What each folder may import from, besides itself and packages. */
const allowed = {
  app: ["cells", "engines", "data", "runtime"],
  server: ["cells", "engines", "data", "runtime"],
  cells: ["engines", "data", "runtime"],
  engines: ["data", "runtime"],
  data: ["runtime"],
  runtime: [],
};

/** Every import in `root` that points upward or out, as {file, line, message}. */
export function checkImports(root) {
  return Object.keys(allowed).flatMap((folder) =>
    sourceFiles(join(root, folder)).flatMap((file) => wrongImports(root, folder, file)),
  );
}

/** Names every import that points upward or out, and ends this process if there is one. */
export function reportImports(root) {
  const wrong = checkImports(root);
  for (const { file, line, message } of wrong) console.error(`${file}:${line} ${message}`);
  if (wrong.length > 0) process.exit(1);
}

function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => /\.(ts|js|mjs|css)$/.test(file))
    .map((file) => join(folder, file));
}

function wrongImports(root, folder, file) {
  const source = readFileSync(file, "utf8");
  const imports =
    /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*|@import\s+(?:url\()?)(["'])(\.[^"'\n]*)\1/g;
  return Array.from(source.matchAll(imports), (match) => ({
    target: relative(root, resolve(dirname(file), match[2])).split(sep)[0],
    line: source.slice(0, match.index).split("\n").length,
  }))
    .filter(({ target }) => target !== folder && !allowed[folder].includes(target))
    .map(({ target, line }) => ({
      file: relative(root, file),
      line,
      message: `${folder}/ must not import ${target || "the root"}/; it may import ${allowed[folder].join("/, ") || "nothing"}${allowed[folder].length ? "/" : ""}`,
    }));
}
