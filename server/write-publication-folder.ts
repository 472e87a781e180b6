import type { PublicationRequest } from "../cells/share/publishing.ts";
import { collectPublication, type CollectedPublication } from "./collect-publication.ts";
import { noteReport } from "./make-report.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Writes a publication for any web host: `<folder>/<digest>` with `publication.json` and
 * `parts/<sha256>`. It leaves with that, so the ledger knows its report from then on; what it says of
 * secrets is to be told.
 *
 * @throws {ServerError} as {@link collectPublication} does
 */
export async function writePublicationFolder(
  workspace: Workspace,
  folder: string,
  request: PublicationRequest,
): Promise<CollectedPublication> {
  const collected = await collectPublication(workspace, folder, request);
  await noteReport(workspace.ledger, collected.report);
  return collected;
}
