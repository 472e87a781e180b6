import * as v from "valibot";
import { openFile, sourcesIn, type Place, type ReportFile } from "./report-file.ts";
import { reportSchema } from "./report-schema.ts";
import type { Report } from "./report.ts";

/** Whether a text is a report, as far as its beginning shows. */
export function isReport(html: string): boolean {
  return openFile(html) !== undefined;
}

/**
 * The report that a file was made from, with the workbook's source as it was; `undefined` for a
 * text that is no report, or whose data was damaged. It says nothing of whether the file was
 * changed: see {@link verifyReport}. Its outputs are a stranger's HTML.
 */
export function readReport(html: string): Report | undefined {
  const file = openFile(html);
  return file === undefined ? undefined : reportIn(html, file);
}

/** The report in a file that was taken apart. */
export function reportIn(html: string, file: ReportFile): Report | undefined {
  const data = dataIn(file);
  if (data === undefined) return undefined;
  const { places, report } = data;
  let next = 0;
  const written = sourcesIn(typeof report["source"] === "string" ? report["source"] : "");
  const cells = report.cells.map((cell) => ({
    source: typeof cell["id"] === "number" ? written.get(cell["id"]) : undefined,
    ...cell,
    outputs: places
      .slice(next, (next += cell.outputs))
      .map(([at, length]) => html.slice(file.bodyAt + at, file.bodyAt + at + length)),
  }));
  const whole = v.safeParse(reportSchema, { ...report, cells });
  return next === places.length && whole.success ? whole.output : undefined;
}

/** Where the outputs stand in a file; `undefined` where its data is damaged. */
export function placesIn(file: ReportFile): readonly Place[] | undefined {
  return dataIn(file)?.places;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const dataSchema = v.strictObject({
  places: v.array(v.strictTuple([count, count, v.string()])),
  report: v.looseObject({ cells: v.array(v.looseObject({ outputs: count })) }),
});

function dataIn({ json }: ReportFile): v.InferOutput<typeof dataSchema> | undefined {
  const data = v.safeParse(dataSchema, parsed(json));
  return data.success ? data.output : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
