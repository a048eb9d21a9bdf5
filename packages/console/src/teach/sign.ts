import { type ConditionValue, factAt, pathWithin, type TaughtDraft } from "./draft.ts";
import type { KeptValue } from "./tree.ts";

type When = TaughtDraft["signs"][number]["when"];

/** Characters of a text that may be a type of reports. */
const maxCharacters = 40;

/**
 * The condition that reports meet which are no passings, by one of them and a report that is a passing: a word at a place
 * where the passing has another one, else two places that the passing has not. Null if there is neither.
 */
export function conditionOfSign(
  draft: TaughtDraft,
  sign: readonly KeptValue[],
  passing: readonly KeptValue[],
): When | null {
  const known = new Map(within(draft, passing).map(({ path, value }) => [path, String(value)]));
  const values = within(draft, sign).filter(({ path }) => factAt(draft, path) === null);
  const type = values.find(({ path, value, isCut }) => {
    return isCut !== true && isWord(value) && known.has(path) && known.get(path) !== String(value);
  });
  if (type !== undefined && type.value !== null) return { is: { [type.path]: type.value } };
  const own = values.filter(({ path, value }) => !known.has(path) && value !== null && value !== "");
  const [first, second] = own.map(({ path }) => path);
  return first === undefined || second === undefined ? null : { has: [first, second] };
}

/** Types are words, and no numbers: these differ from report to report. */
const isWord = (value: ConditionValue | null) =>
  value !== null && String(value).length <= maxCharacters && /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(String(value));

/** The paths of values as a mapping names them; values beside its list are left out. */
function within({ each }: TaughtDraft, values: readonly KeptValue[]): KeptValue[] {
  return values.flatMap((value) => {
    const path = pathWithin(each, value.path);
    return path === null ? [] : [{ ...value, path }];
  });
}
