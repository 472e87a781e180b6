import { processEndpoint } from "../../cells/port-endpoint.ts";
import { connectPort, type Port } from "../../cells/port.ts";
import { shellApiSchema, type ShellApi } from "../../cells/shell-api.ts";
import { childApiSchema, type ChildApi } from "./child-api.ts";
import { runCells } from "./run-cells.ts";

/**
 * The process that runs a workbook's cells: they have the rights of the person who started it, and
 * reach the workspace through their parent only. It ends when its parent goes.
 */
const port: Port<ShellApi> = connectPort<ShellApi, ChildApi>(
  processEndpoint(process),
  shellApiSchema,
  {
    schema: childApiSchema,
    api: { run: (request) => runCells(request, port.remote) },
  },
);

// A workbook's stray promise is an error of its cell where the runtime knows it, and never fatal.
process.on("unhandledRejection", (reason) => console.error(reason));
void port.closed.then(() => process.exit(0));
