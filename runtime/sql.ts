export { tableReferences, type TableReference } from "./sql-references.ts";
export {
  canonicalSql,
  significantTokens,
  splitStatements,
  tokenizeSql,
  type SqlStatement,
  type SqlToken,
  type SqlTokenKind,
} from "./sql-tokens.ts";
