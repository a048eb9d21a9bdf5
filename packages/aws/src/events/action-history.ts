import {
  type ActionChange,
  actionChange,
  actionStates,
  decisions,
  type EventAction,
  instant,
  isChangeKept,
  parseStored,
  storedJson,
  type WantAction,
} from "@gatepost/protocol";
import { type Change, type Item, present, timeText } from "@gatepost/store";
import * as z from "zod/mini";

/*
 * The history of an action is one attribute for each change of its state, in the row of its event: `x_1001` how it was
 * made, and `x_1001_TIME_STATE` each later change, so that a change need not read the earlier ones. The value is
 * compact: state, ms, reason, key, and the decision of a person, if there was one.
 */

const entry = z.lazy(() =>
  storedJson(
    z.tuple([
      z.enum(actionStates),
      z.number(),
      z.nullable(z.string()),
      z.nullable(z.string()),
      z.optional(z.enum(decisions)),
    ]),
  ),
);

type StateChange = Parameters<typeof actionChange>[0];

/** The attribute that says how an action was made. */
export function firstChange({ wantAction, state, reason, at }: EventAction): Item {
  return { [`x_${wantAction}`]: textOf({ state, reason, by: null }, Date.parse(at)) };
}

/** The attribute of a later change. @param at ms since 1970 */
export function laterChange(want: WantAction, change: StateChange, at: number): Item {
  return { [`x_${want}_${timeText(at)}_${change.decision ?? change.state}`]: textOf(change, at) };
}

/** The attributes of a history that was kept elsewhere. */
export function wholeHistory(want: WantAction, history: readonly ActionChange[]): Item {
  return Object.fromEntries(
    history.map(({ state, at, reason = null, by = null, decision }, index) => {
      const time = Date.parse(at);
      const name = index === 0 ? `x_${want}` : `x_${want}_${timeText(time)}_${decision ?? state}`;
      return [name, textOf({ state, reason, by, decision }, time)];
    }),
  );
}

/** The changes of an action. Where it is older than histories, only the last change. */
export function historyOf(row: Item, { wantAction, state, reason, at }: EventAction): ActionChange[] {
  const names = namesIn(row, wantAction);
  if (names.length === 0) return [actionChange({ state, reason, by: null }, at)];
  return names.map((name) => {
    const [state, at, reason, by, decision] = parseStored(entry, row[name], `${name} of event ${row["pk"]}`);
    return actionChange({ state, reason, by, decision }, instant(at));
  });
}

/** Removes changes from the middle of a history that has become too long; null if there is nothing to remove. */
export function pruneHistory(row: Item, want: WantAction): Change | null {
  const names = namesIn(row, want);
  const remove = names.filter((_, index) => !isChangeKept(index, names.length));
  if (remove.length === 0) return null;
  return { pk: String(row["pk"]), remove, when: present() };
}

/** The names of the attributes of a history, in the order of time: the first has the shortest name. */
function namesIn(row: Item, want: WantAction): string[] {
  const begin = `x_${want}`;
  return Object.keys(row)
    .filter((name) => name === begin || name.startsWith(`${begin}_`))
    .sort();
}

function textOf(change: StateChange, at: number): string {
  const { state, reason = null, by = null, decision } = actionChange(change, instant(at));
  return JSON.stringify([state, at, reason, by, ...(decision === undefined ? [] : [decision])]);
}
