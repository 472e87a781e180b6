// A process that prepares, publishes and takes back for ever, and says what it is at: FOLDER SEED
import { Publications } from "../../server/publications.ts";
import { openWorkspace } from "../../server/workspace.ts";
import { somePublication } from "./some-publication.ts";

/** What the process has done, or begins to do. */
export interface Step {
  readonly did: "prepared" | "published" | "taking back" | "taken back";
  readonly digest: string;
}

const [folder = "", seed = ""] = process.argv.slice(2);
const say = (did: Step["did"], digest: string): void => void process.send?.({ did, digest });
const workspace = await openWorkspace(folder);
const publications = new Publications(workspace);
const path = "data.txt";
const { digest: content } = await workspace.files.read(path);
const files = [{ path, digest: content, asked: ["bytes"] as const }];
for (let i = 0; ; i++) {
  const asked = somePublication({ by: `${seed} ${i}`, files, withData: true });
  const { digest } = await publications.prepare(asked);
  say("prepared", digest);
  await publications.publish(digest);
  say("published", digest);
  if (i % 2 === 0) continue;
  say("taking back", digest);
  await publications.takeBack(digest);
  say("taken back", digest);
}
