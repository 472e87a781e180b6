import * as fc from "fast-check";

// One run of the tests is like another; FC_SEED explores further: FC_SEED=$RANDOM npx vitest run
fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 17) });
