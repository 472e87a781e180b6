import type { Column, Table } from "../data/index.ts";
import { quoteName, quoteText } from "../data/sql-type.ts";

/** The most words that a category may have. */
export const maxVocabulary = 10_000;

/** A column whose words are asked for, and a name for it that needs no quotes. */
interface Category {
  readonly alias: string;
  readonly column: Column;
}

/** What there is of a category; the words are absent where they are too many. */
export interface CategoryWords {
  readonly distinct: number;
  readonly words?: { readonly word: string; readonly count: number }[];
}

/**
 * The words of all categories by their column's alias, counted in one scan.
 *
 * @param categories at most 60
 * @param ask runs SQL in which the table is `t`
 */
export async function wordsOf(
  ask: (sql: string) => Promise<Table>,
  categories: readonly Category[],
): Promise<ReadonlyMap<string, CategoryWords>> {
  if (categories.length === 0) return new Map();
  const found = new Map(
    categories.map(({ alias }): [string, CategoryWords] => [alias, { distinct: 0, words: [] }]),
  );
  // a column's row without a word says how many there are
  for (const { c, w, n } of await ask(wordsSql(categories))) {
    const alias = String(c);
    if (w !== null) found.get(alias)?.words?.push({ word: String(w), count: Number(n) });
    else
      found.set(alias, {
        distinct: Number(n),
        ...(Number(n) <= maxVocabulary && { words: [] }),
      });
  }
  return found;
}

function wordsSql(categories: readonly Category[]): string {
  const own = categories.map(({ alias }) => alias);
  const values = categories.map(({ alias, column }) => `${quoteName(column.name)} as ${alias}`);
  const cases = (what: (alias: string) => string): string =>
    `case ${own.map((alias) => `when grouping(${alias}) = 0 then ${what(alias)}`).join(" ")} end`;
  return `with counted as (
  select ${cases((alias) => `cast(${alias} as varchar)`)} as w, ${cases(quoteText)} as c, count(*) as n
  from (select ${values.join(", ")} from t)
  group by grouping sets (${own.map((alias) => `(${alias})`).join(", ")})
), words as materialized (select c, w, n from counted where w is not null),
sizes as (select c, count(*) as n from words group by c)
select c, null as w, n from sizes
union all
select * from (
  select words.c, w, words.n from words join sizes using (c) where sizes.n <= ${maxVocabulary}
  order by words.c, words.n desc, w
)`;
}
