/** The most characters of a name, before its ending: file systems take 255 bytes in all. */
const maxCharacters = 60;

/**
 * The name of a workbook's file from a path or from what a stranger calls it: no folder, nothing
 * hidden, and no character that file systems refuse or that makes a name read as another one.
 */
export function workbookFileName(given: string): string {
  const last = given.split(/[/\\]/).findLast((part) => part !== "") ?? "";
  const plain = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\uFFFD<>:"|?*]/gu, "")
    .replace(/\p{Zs}+/gu, " ")
    .normalize("NFC")
    .replace(/\.html?$/i, "");
  const stem = [...withoutDots(plain.trim())].slice(0, maxCharacters).join("").trim();
  return `${stem.replace(/[. ]+$/, "") || "workbook"}.html`;
}

/** A name without what hides a file: a dot at its beginning, or what file systems take for one. */
function withoutDots(name: string): string {
  let rest = name;
  while (/^[.\s]/.test(rest.charAt(0).normalize("NFKC"))) rest = rest.slice(1);
  return rest;
}
