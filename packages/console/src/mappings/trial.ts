import type { Api, QuarantineRecord } from "@gatepost/client";
import { useRef } from "preact/hooks";
import type { Failure } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import type { TaughtDraft } from "./draft.ts";

export type Result = Api["POST /v1/mappings/try"]["answer"]["results"][number];
type Outcome = Result["outcomes"][number];
type Unfit = Extract<Outcome, { is: "none" }>;

/** The results of a draft; before they arrive, the results of the draft before it. */
export interface MappingTrial {
  results: readonly Result[];
  failure: Failure | null;
  isOld: boolean;
}

/** Tries a draft on reports; null tries nothing. Its name changes no result. */
export function useTrial(draft: TaughtDraft | null, records: readonly QuarantineRecord[]): MappingTrial {
  const body = draft === null ? null : { mapping: { ...draft, name: "tried" }, records: records.map(({ id }) => id) };
  const { state } = useLoading(`try ${JSON.stringify(body)}`, async (signal) =>
    body === null ? { results: [] } : gatepost().ask("POST /v1/mappings/try", { body, signal }),
  );
  const before = useRef<readonly Result[]>([]);
  const { value, failure } = state.value;
  if (value !== null) before.current = value.results;
  return { results: value?.results ?? before.current, failure, isOld: value === null && failure === null };
}

/** How many reports become something else by one trial than by another. */
export function countOthers(results: readonly Result[], before: readonly Result[]): number {
  return before.filter(({ outcomes }, at) => JSON.stringify(outcomes) !== JSON.stringify(results[at]?.outcomes)).length;
}

export type ResultKind = "event" | "sign" | "none";

/** What becomes of a report: of a list, one event is enough. */
export function resultKind({ outcomes }: Result): ResultKind {
  if (outcomes.some(({ is }) => is === "event")) return "event";
  return outcomes.some(({ is }) => is === "sign") ? "sign" : "none";
}

/** Reports that become nothing for the same reason. */
export interface Lack {
  why: Unfit;
  /** The places of the reports in the list. */
  at: readonly number[];
}

/** The reasons for which reports become nothing, the most frequent first. */
export function lacksOf(results: readonly Result[]): Lack[] {
  const found = results.flatMap((result, at) => {
    const why = resultKind(result) === "none" ? result.outcomes.find((one) => one.is === "none") : undefined;
    return why === undefined ? [] : [{ why, at }];
  });
  const grouped = Map.groupBy(found, ({ why: { reason, member, path, found } }) =>
    JSON.stringify([reason, member, path, member?.startsWith("when.is") === true ? found : null]),
  );
  return [...grouped.values()]
    .flatMap((same) => (same[0] === undefined ? [] : [{ why: same[0].why, at: same.map(({ at }) => at) }]))
    .toSorted((a, b) => b.at.length - a.at.length);
}
