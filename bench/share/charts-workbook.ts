/** A workbook with a table and so many charts of it, of five kinds in turn. */
export function chartsWorkbook(charts: number): string {
  const cells = Array.from({ length: charts }, (_, i) =>
    cell(
      i + 2,
      `Plot.plot({title: "Chart ${i + 1}", grid: true, marks: [${marks[i % marks.length]}]})`,
    ),
  );
  return `<!doctype html>
<notebook>
  <title>A hundred charts</title>
${[cell(1, rows), ...cells].join("\n")}
</notebook>
`;
}

/** 200 rows from a generator of their own, so that they are the same everywhere. */
const rows = `const rows = Array.from({length: 200}, (_, i) => ({
  i,
  x: Math.sin(i / 9) + (i * 7919 % 97) / 97,
  y: Math.cos(i / 11) + (i * 104729 % 89) / 89,
  kind: "abcde"[i % 5]
}));`;

const marks = [
  'Plot.dot(rows, {x: "x", y: "y", stroke: "kind"})',
  'Plot.lineY(rows, {x: "i", y: "y", stroke: "kind"})',
  'Plot.barY(rows, Plot.groupX({y: "count"}, {x: "kind"}))',
  'Plot.rectY(rows, Plot.binX({y: "count"}, {x: "x", fill: "kind"}))',
  'Plot.areaY(rows, {x: "i", y: "x", fillOpacity: 0.3}), Plot.ruleY([0])',
];

function cell(id: number, source: string): string {
  return `  <script id="${id}" type="module">\n${source}\n  </script>`;
}
