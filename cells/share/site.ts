import * as v from "valibot";
import { digestSchema } from "../../engines/receipt-schema.ts";
import { pathSchema, textSchema } from "../wire-schema.ts";

/**
 * A folder that any web host serves: the page, and publications at `s/<digest>/`. This is its
 * `site.json`, beside `index.html`. One without workbooks is the page alone, on which links that
 * hold a whole workbook open.
 */
export interface Site {
  readonly kind: "tierbook.site";
  readonly version: 1;
  readonly title: string;
  /** RFC 3339, UTC */
  readonly at: string;
  /** in the order in which a visitor sees them */
  readonly workbooks: readonly SiteWorkbook[];
}

/** A workbook of a site. */
export interface SiteWorkbook {
  /** where it was in its workspace; `#open=<path>` opens it */
  readonly path: string;
  readonly title: string;
  /** its publication */
  readonly digest: string;
  /** who published it, in their own words; nobody has checked them */
  readonly by: string | null;
  /** RFC 3339, UTC */
  readonly at: string;
}

/** The name of the `<meta>` that says that a page is a site's; its content is `site.json`. */
export const siteMetaName = "tierbook-site";

/** The file of a {@link Site}, relative to the page. */
export const siteFileName = "site.json";

export const siteSchema: v.GenericSchema<unknown, Site> = v.strictObject({
  kind: v.literal("tierbook.site"),
  version: v.literal(1),
  title: textSchema,
  at: v.pipe(v.string(), v.isoTimestamp()),
  workbooks: v.pipe(
    v.array(
      v.strictObject({
        path: pathSchema,
        title: textSchema,
        digest: digestSchema,
        by: v.nullable(textSchema),
        at: v.pipe(v.string(), v.isoTimestamp()),
      }),
    ),
    v.maxLength(10_000),
  ),
});
