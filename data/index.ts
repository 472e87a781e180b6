export { tableFromIPC } from "./arrow-decode.ts";
export { columnOf } from "./column.ts";
export { engineVersion } from "./duckdb-client.ts";
export {
  isReproducible,
  lineageDigest,
  lineageFrom,
  type Lineage,
  type LineageStatement,
} from "./lineage.ts";
export { isTable, MemoryTable, RemoteTable } from "./memory-table.ts";
export {
  QueryError,
  type FileResolver,
  type FileTable,
  type GivenFileTable,
  type QueryClient,
  type QueryOptions,
} from "./query-client.ts";
export { joinTemplate, placeInTemplate, runSql, type SqlTemplate } from "./run-sql.ts";
export { classSql, mix32, mixExpression, sampleSql, type SampleOptions } from "./sample-sql.ts";
export { sqlLiteral, SqlLiteralError } from "./sql-literal.ts";
export { parseSqlType, quoteName, quoteText, type SqlType } from "./sql-type.ts";
export { tableFromColumns, tableFromRows } from "./table-from-rows.ts";
export {
  TableError,
  TooLargeError,
  type Column,
  type ColumnType,
  type Row,
  type Table,
} from "./table.ts";
