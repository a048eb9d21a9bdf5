import type { QuarantineRecord } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { type Loading, useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { teachWords } from "../words/teach.ts";
import { type Press, pathsOf, pathWithin, type TaughtDraft } from "./draft.ts";
import type { KeptValue } from "./tree.ts";

interface QuestionProps {
  draft: TaughtDraft;
  records: readonly QuarantineRecord[];
  values: Loading<{ values: readonly KeptValue[] }>;
  onPress(press: Press): void;
}

const fact = "device.direction";

/** The values by which makers number ways in and out: what each means is asked, and never guessed. */
const isNumbered = ({ value, may }: KeptValue) =>
  /^[012]$/.test(String(value)) && may.some(({ field }) => field === fact);

/** Asks which of two numbers is the way in, if a value is named as a direction and is none yet. */
export function DirectionQuestion({ draft, records, values, onPress }: QuestionProps) {
  const found = values.state.value.value?.values.find(isNumbered);
  const path = found === undefined ? null : pathWithin(draft.each, found.path);
  if (path === null || pathsOf(draft, fact).length > 0) return null;
  return <Question key={path} path={path} draft={draft} records={records} onPress={onPress} />;
}

function Question({ path, draft, records, onPress }: Omit<QuestionProps, "values"> & { path: string }) {
  const w = teachWords.value;
  const isLeft = useSignal(false);
  const { each } = draft;
  const query = { path, records: records.map(({ id }) => id).join(","), ...(each === undefined ? {} : { each }) };
  const { state } = useLoading(`values ${JSON.stringify(query)}`, (signal) =>
    gatepost().ask("GET /v1/mappings/values", { query, signal }),
  );
  const [low, high, ...more] = (state.value.value?.values ?? []).map(({ value }) => value).toSorted();
  if (isLeft.value || low === undefined || more.length > 0) return null;
  const answer = (isIn: boolean) => {
    const [first, second] = isIn ? (["in", "out"] as const) : (["out", "in"] as const);
    onPress({ press: "name", path, fact, here: [path] });
    const meant = high === undefined ? { [low]: first } : { [low]: first, [high]: second };
    onPress({ press: "mean", fact, values: meant, rest: null });
  };
  return (
    <section class="panel" aria-labelledby="direction-question">
      <div class="body line">
        <h2 id="direction-question">
          <bdi>{w.isIn(low, path)}</bdi>
        </h2>
        <Button look="small" onClick={() => answer(true)}>
          {w.yesIn}
        </Button>
        <Button look="small" onClick={() => answer(false)}>
          {w.noOut}
        </Button>
        <Button look="small bare" onClick={() => (isLeft.value = true)}>
          {w.noDirection}
        </Button>
      </div>
    </section>
  );
}
