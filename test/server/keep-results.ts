// A process that keeps results of up to MOST bytes for ever: FOLDER LIMIT SEED MOST
import { DiskResultStore } from "../../server/result-store.ts";
import { someResult } from "./some-result.ts";

const [folder = "", limit, seed, most] = process.argv.slice(2);
const store = new DiskResultStore(folder, { diskBytes: Number(limit), entryBytes: Number(most) });
for (let i = 0; ; i++) {
  const { key, bytes } = someResult(`${seed} ${i}`, Number(most));
  await store.put("book.html", key, bytes);
  process.send?.("kept");
}
