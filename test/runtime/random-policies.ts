import fc from "fast-check";
import type { Cell, CellPolicy } from "../../runtime/cell.ts";
import type { WorkbookOptions } from "../../runtime/workbook-options.ts";
import { Workbook } from "../../runtime/workbook.ts";
import {
  arbitraryScript,
  cellsOf,
  edited,
  randomBuiltins,
  type Body,
  type Edit,
  type Place,
} from "./random-workbook.ts";

/** What a person asks of a workbook as a whole or of one cell. */
export type Ask = "run" | "runTo" | "runStale" | "runAll";

/** One thing that is done to a workbook. */
export type Step =
  | { readonly edit: Edit }
  | { readonly id: number; readonly policy: CellPolicy }
  | { readonly id: number; readonly ask: Ask };

/** A random workbook whose cells have policies, and what is done to it, in order. */
export interface PolicyScript {
  readonly places: readonly Place[];
  readonly policies: Policies;
  readonly steps: readonly Step[];
}

/** Policies by cell. */
export type Policies = ReadonlyMap<number, CellPolicy>;

const arbitraryPolicy = fc.constantFrom<CellPolicy>("auto", "auto", "manual", "manual", "once");

/** Workbooks as of {@link arbitraryScript}, with policies, and steps of which a third are no edits. */
export function arbitraryPolicyScript(bodies: readonly Body[]): fc.Arbitrary<PolicyScript> {
  return arbitraryScript(bodies).chain(({ places, edits }) => {
    const id = fc.integer({ min: 1, max: places.length });
    const other: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ id, policy: arbitraryPolicy }),
      fc.record({ id, ask: fc.constantFrom<Ask>("run", "runTo", "runStale", "runAll") }),
    );
    return fc.record({
      places: fc.constant(places),
      policies: fc
        .tuple(...places.map(() => arbitraryPolicy))
        .map((all) => new Map(all.map((policy, i) => [i + 1, policy]))),
      steps: fc
        .tuple(
          ...edits.map((edit) => fc.tuple(fc.constant({ edit }), fc.option(other, { freq: 2 }))),
        )
        .map((pairs) => pairs.flat().filter((step) => step !== null)),
    });
  });
}

/** The cells of places, each with its policy. */
export function cellsWith(places: readonly Place[], policies: Policies): readonly Cell[] {
  return cellsOf(places).map((cell) => {
    const policy = policies.get(cell.id) ?? "auto";
    return policy === "auto" ? cell : { ...cell, policy };
  });
}

/** A workbook under a script, as far as it has come. */
export class ScriptedWorkbook {
  readonly workbook: Workbook;
  /** ids of the bodies that ran */
  readonly ran: number[] = [];
  places: readonly Place[];
  private readonly policies: Map<number, CellPolicy>;

  constructor(
    { places, policies }: PolicyScript,
    options: Pick<WorkbookOptions, "results" | "held"> = {},
  ) {
    this.places = places;
    this.policies = new Map(policies);
    const builtins = randomBuiltins(this.ran);
    this.workbook = new Workbook([], { builtins, ...options });
    this.give();
  }

  /** Does one thing. */
  take(step: Step): void {
    if ("ask" in step) return this.workbook[step.ask](step.id);
    if ("policy" in step) this.policies.set(step.id, step.policy);
    else this.places = edited(this.places, step.edit);
    this.give();
  }

  /** Another workbook of the same cells and policies, opened now. */
  reopened(options: Pick<WorkbookOptions, "results" | "held"> = {}): ScriptedWorkbook {
    return new ScriptedWorkbook(
      { places: this.places, policies: this.policies, steps: [] },
      options,
    );
  }

  private give(): void {
    for (const { cell, isDisabled } of this.places) this.workbook.setDisabled(cell.id, isDisabled);
    this.workbook.setCells(cellsWith(this.places, this.policies));
  }
}
