import type { Api } from "./api.ts";

/**
 * What an open workbook needs of whoever keeps it: the server, over its interface; or, where a
 * workbook is looked at that somebody else has published, what was published and this browser.
 */
export type Backend = Pick<
  Api,
  | "readFile"
  | "writeFile"
  | "table"
  | "capability"
  | "revoke"
  | "fileDigest"
  | "results"
  | "result"
  | "keepResult"
  | "forgetResult"
  | "clearResults"
  | "postReceipt"
  | "receipt"
  | "ladder"
  | "ledger"
  | "putBlob"
  | "run"
  | "runRecord"
  | "putRun"
  | "cancelRun"
>;
