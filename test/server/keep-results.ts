// A process that keeps results for ever: FOLDER LIMIT SEED
import { DiskResultStore } from "../../server/result-store.ts";
import { someResult } from "./some-result.ts";

const [folder = "", limit, seed] = process.argv.slice(2);
const store = new DiskResultStore(folder, { diskBytes: Number(limit), entryBytes: 1 << 20 });
for (let i = 0; ; i++) {
  const { key, bytes } = someResult(`${seed} ${i}`);
  await store.put("book.html", key, bytes);
  process.send?.("kept");
}
