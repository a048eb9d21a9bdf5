import { Button } from "../parts/button.tsx";
import { Mark, type MarkName, State } from "../parts/mark.tsx";
import { Said } from "../parts/text.tsx";
import { attempt } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { teachWords } from "../words/teach.ts";
import { type ConditionValue, factAt, type Press, pathWithin, type TaughtDraft } from "./draft.ts";
import type { KeptValue } from "./tree.ts";
import { type Lack, lacksOf, type MappingTrial, type ResultKind, resultKind } from "./trial.ts";

interface TriedProps {
  draft: TaughtDraft;
  trial: MappingTrial;
  /** How many reports the draft could be tried on. */
  known: number;
  /** How many become something else than by the stored mapping. */
  others: number;
  /** Reads the values of a report of the list. */
  valuesOf(at: number): Promise<readonly KeptValue[]>;
  /** Null once the mapping is saved. */
  onPress: ((press: Press) => void) | null;
  onShow(at: number): void;
}

const marks: Record<ResultKind, MarkName> = { event: "tick", sign: "half", none: "bad" };

/** What becomes of the reports that are kept, what the others lack, and one press that mends it. */
export function Tried({ draft, trial: { results, failure, isOld }, known, others, onPress, ...props }: TriedProps) {
  const w = teachWords.value;
  const kinds = results.map(resultKind);
  const countOf = (kind: ResultKind) => kinds.filter((one) => one === kind).length;
  const [events, signs] = [countOf("event"), countOf("sign")];
  const tried = results.length;
  return (
    <>
      <header>
        <h2 id="tried">{tried < known ? w.triedSome(tried, known) : w.tried(tried)}</h2>
        <span class="end" role="status">
          <State tone={events > 0 ? "ok" : "bad"}>{w.become(events)}</State>
        </span>
      </header>
      <div class={isOld ? "body stack stale" : "body stack"}>
        {failure === null ? null : (
          <p role="alert">
            <Said of={failure} />
          </p>
        )}
        <div class="outcome" aria-hidden="true">
          {kinds.map((kind, at) => (
            <span key={results[at]?.record ?? at} class={kind}>
              <Mark name={marks[kind]} />
            </span>
          ))}
        </div>
        {others === 0 ? null : <p>{w.differ(others)}</p>}
        {signs === 0 ? null : (
          <div class="line lack">
            <span>{w.signs(signs)}</span>
            {onPress === null ? null : (
              <Button look="small" onClick={() => onPress({ press: "no-sign", at: draft.signs.length - 1 })}>
                {w.asPassings}
              </Button>
            )}
          </div>
        )}
        {lacksOf(results).map((lack) => (
          <Lacking
            key={`${lack.why.member} ${lack.why.path} ${lack.why.found}`}
            of={lack}
            draft={draft}
            fine={kinds.indexOf("event")}
            onPress={onPress}
            {...props}
          />
        ))}
      </div>
    </>
  );
}

interface LackingProps extends Pick<TriedProps, "draft" | "valuesOf" | "onPress" | "onShow"> {
  of: Lack;
  /** The place of a report that becomes an event; -1 if there is none. */
  fine: number;
}

function Lacking({ of: { why, at }, draft, fine, valuesOf, onPress, onShow }: LackingProps) {
  const w = teachWords.value;
  const [first = 0] = at;
  const { member, path, found } = why;
  const isCondition = member?.startsWith("when") === true;
  const conditionOf = async () => {
    if (member?.startsWith("when.is") === true && path !== null && found !== null) return { is: { [path]: found } };
    return fine < 0 ? null : conditionOfSign(draft, await valuesOf(first), await valuesOf(fine));
  };
  const asHeartbeats = useOnce(() =>
    attempt(async () => {
      const when = await conditionOf();
      if (when === null) say(w.noMark);
      else onPress?.({ press: "sign", sign: { when, sign: "heartbeat" } });
    }),
  );
  const { has, is } = draft.when;
  const mayDrop =
    path !== null && found === null && has.includes(path) && (has.length > 2 || Object.keys(is).length > 0);
  return (
    <div class="line lack">
      <bdi>{sentenceOf(why, at.length)}</bdi>
      <Button look="small" onClick={() => onShow(first)}>
        {w.show}
      </Button>
      {isCondition && onPress !== null ? (
        <Button look="small" onClick={() => void asHeartbeats()}>
          {w.asHeartbeats}
        </Button>
      ) : null}
      {mayDrop && onPress !== null ? (
        <Button look="small" onClick={() => onPress({ press: "there", path })}>
          <bdi>{w.notNeeded(path)}</bdi>
        </Button>
      ) : null}
    </div>
  );
}

function sentenceOf({ reason, path, found }: Lack["why"], count: number): string {
  const w = teachWords.value;
  if (path === null) return w.noReport(count);
  if (found === null) return w.lack(count, path);
  return reason === "condition" ? w.isOther(count, path, found) : w.unfit(count, path, found);
}

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
