import type { Alternative } from "./alternatives.ts";
import type { Condition } from "./condition.ts";
import type { FieldValues } from "./field-values.ts";
import { agreeing, arraysAround, type Choice, indexPositions, type PositionIndex } from "./position-index.ts";

/** The values of an event for one condition. */
interface Evidence {
  readonly accepted: PositionIndex;
  readonly all: PositionIndex;
  readonly arrays: ReadonlySet<number>;
}

/** Choices that are tried for one pattern. Only an event whose keys contain dots can need more: it does not match. */
const maxWays = 100_000;

/** A function that says whether one choice of array elements satisfies every condition of an alternative. */
export function matcher(seen: FieldValues): (alternative: Alternative) => boolean {
  const known = new Map<Condition, Evidence>();
  const evidence = (path: string, condition: Condition): Evidence => {
    const found = known.get(condition) ?? gather(seen, path, condition);
    known.set(condition, found);
    return found;
  };
  return (alternative) => {
    const steps = [...alternative].map(([path, condition]) => ({ condition, ...evidence(path, condition) }));
    let choices: readonly Choice[] = [new Map()];
    for (const { step, arraysToCome } of withArraysToCome(steps)) {
      choices = distinct(advance(choices, step.condition, step), arraysToCome);
    }
    return choices.length > 0;
  };
}

function gather(seen: FieldValues, path: string, condition: Condition): Evidence {
  const values = seen.get(path) ?? [];
  const accepted = indexPositions(values.filter(({ value }) => condition.accepts(value)));
  return { accepted, all: indexPositions(values), arrays: arraysAround(values) };
}

function* advance(choices: readonly Choice[], condition: Condition, { accepted, all }: Evidence): Generator<Choice> {
  for (const choice of choices) {
    yield* agreeing(accepted, choice);
    if (condition.acceptsAbsence && agreeing(all, choice).next().done) yield choice;
  }
}

/** Each step with the arrays that a later one looks into. */
function withArraysToCome<Step extends Evidence>(steps: readonly Step[]) {
  let arraysToCome: ReadonlySet<number> = new Set();
  const backwards = steps.toReversed().map((step) => {
    const found = { step, arraysToCome };
    arraysToCome = new Set([...arraysToCome, ...step.arrays]);
    return found;
  });
  return backwards.reverse();
}

/** Merges choices that differ only in arrays which no later step looks into. */
function distinct(choices: Iterable<Choice>, arraysToCome: ReadonlySet<number>): Choice[] {
  const kept = new Map<string, Choice>();
  let ways = 0;
  for (const choice of choices) {
    ways += 1;
    if (ways > maxWays) return [];
    const needed = [...choice].filter(([array]) => arraysToCome.has(array)).sort(([one], [other]) => one - other);
    kept.set(needed.join(), new Map(needed));
  }
  return [...kept.values()];
}
