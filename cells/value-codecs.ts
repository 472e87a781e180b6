import { tableCodec } from "../data/table-codec.ts";
import type { ValueCodec } from "../runtime/result-codec.ts";

/**
 * What the result cache needs to know of values besides plain data, without a DOM. Of what stages
 * give only tables are no plain data: schemas, plans, receipts, run snapshots and cards are written
 * as they are, with the digest that they carry and frozen where they were.
 */
export const valueCodecs: readonly ValueCodec[] = [tableCodec];
