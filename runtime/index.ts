export { canonicalJson, CanonicalJsonError } from "./canonical-json.ts";
export type { Cell, CellError, CellMode, CellPolicy, CellState, CellStatus } from "./cell.ts";
export { cellFingerprint, type FingerprintParts } from "./cell-fingerprint.ts";
export { compileCell, isFaulty, type CompileOptions } from "./compile.ts";
export type { CompiledCell, FaultyCell, SqlStatement } from "./compiled-cell.ts";
export { digestKey, digestOf, type Digested } from "./digest.ts";
export type { FingerprintChange } from "./fingerprint-change.ts";
export type { Explanation } from "./fingerprint-explanation.ts";
export { fileReaderKey, filesKey, type FileReader, type FromFiles } from "./fingerprint-files.ts";
export { defaultGlobals } from "./globals.ts";
export { ImportError, importModule, type ImportModule } from "./import-module.ts";
export { isLive, liveKey, type Live, type LiveState } from "./live.ts";
export {
  cellTypes,
  createNotebook,
  NotebookError,
  parseNotebook,
  serializeNotebook,
  type Notebook,
  type NotebookPart,
} from "./notebook.ts";
export {
  insertCell,
  moveCell,
  NoSuchCellError,
  removeCell,
  renameNotebook,
  updateCell,
  type CellPatch,
  type NewCell,
} from "./notebook-edits.ts";
export type { ResultStore } from "./result-store.ts";
export type { ValueCodec } from "./result-codec.ts";
export { jsonDigest, sha256, Sha256 } from "./sha256.ts";
export {
  canonicalSql,
  significantTokens,
  splitStatements,
  tableReferences,
  tokenizeSql,
  type SqlStatement as SqlStatementText,
  type SqlToken,
  type SqlTokenKind,
  type TableReference,
} from "./sql.ts";
export { Workbook } from "./workbook.ts";
export type { SqlRequest, WorkbookObserver, WorkbookOptions } from "./workbook-options.ts";
