export { tableFromIPC } from "./arrow-decode.ts";
export { isTable, MemoryTable, RemoteTable } from "./memory-table.ts";
export {
  QueryError,
  type FileResolver,
  type FileTable,
  type QueryClient,
  type QueryOptions,
} from "./query-client.ts";
export { tableFromColumns, tableFromRows } from "./table-from-rows.ts";
export {
  TableError,
  TooLargeError,
  type Column,
  type ColumnType,
  type Lineage,
  type Row,
  type Table,
} from "./table.ts";
