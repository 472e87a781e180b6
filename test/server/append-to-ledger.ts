// A process that appends to a ledger: PATH NAME COUNT
import { Ledger } from "../../server/ledger.ts";

const [path = "", name, count] = process.argv.slice(2);
const ledger = new Ledger(path);
for (let n = 0; n < Number(count); n++)
  await ledger.append([{ type: "run", body: { process: Number(name), n } }]);
