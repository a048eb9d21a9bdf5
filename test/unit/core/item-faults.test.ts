import { UnusableBox } from "@gatepost/core/boxes";
import { BrokenRow } from "@gatepost/protocol";
import { type Change, type Items, MemoryItems, present, type Value } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import { noon } from "../../contract/samples.ts";
import { type CallFault, callFaults, FaultyItems, LateItems } from "../../support/faulty-items.ts";
import { keptLog } from "../http/support.ts";
import { type Act, acts, processOn, type World } from "./item-acts.ts";

/** The record store after the preparation of an act, with the keys that were used, and processes on it. */
async function worldOf({ given }: Act) {
  const world: World = { now: noon };
  const clock = () => world.now;
  const pks = new Set<string>();
  const items = new MemoryItems({
    clock,
    fault(call) {
      for (const pk of call.pks) pks.add(pk);
      return null;
    },
  });
  const { lines, log } = keptLog();
  const process = (over: Items = items) => processOn(over, { clock, log });
  return { items, pks, lines, process, world, given: await given?.(process(), world) };
}

/** The answer that a process gets; undefined if it fails. */
const toldOf = (told: Promise<unknown>) => told.catch(() => undefined);

/** The state after an act was done by each of these, one after the other. */
async function seenInTurn(act: Act, who: readonly number[]): Promise<unknown> {
  const { process, world, given } = await worldOf(act);
  for (const one of who) await toldOf(act.act(process(), one, given));
  return act.seen(process(), world);
}

/** Does an act while the call with this number has a fault, and again by another process if it failed. */
async function withFault(act: Act, is: CallFault, call: number) {
  const { items, process, world, given } = await worldOf(act);
  const notices: unknown[] = [];
  const other = async () => void notices.push(await toldOf(act.act(process(), 1, given)));
  const faulty = new FaultyItems(items, { is, call, other });
  try {
    notices.push(await act.act(process(faulty), 0, given));
  } catch {
    notices.push(await toldOf(act.act(process(), 0, given)));
  }
  const winners = notices.filter((one) => act.won?.(one) === true).length;
  return { hasStruck: faulty.hasStruck, seen: await act.seen(process(), world), winners };
}

const noJson = "{";

/** Values that break an attribute: another type, and for a text also invalid JSON. */
function broken(value: Value): Value[] {
  return typeof value === "number" ? ["broken"] : [7, noJson];
}

/** The view of one process after an act and, if it is given, a change that breaks a record; or the error it gets. */
async function lookedAt(
  act: Act,
  { items, process, world, given }: Awaited<ReturnType<typeof worldOf>>,
  change?: Change,
) {
  await act.act(process(), 0, given);
  if (change !== undefined) await items.write(change);
  const one = process();
  const besides = await act.besides?.(one, world);
  return { besides, seen: await act.seen(one, world).catch((error: unknown) => error) };
}

/** Every way in which one attribute of one record can be broken that is there after an act. */
async function breaksOf(act: Act) {
  const { items, pks, process, given } = await worldOf(act);
  await act.act(process(), 0, given);
  const found = await items.getAll([...pks]);
  const lists = ["pk", "ttl", "at", "byTime", "byBox"];
  return [...found].flatMap(([pk, item]) =>
    Object.entries(item)
      .filter(([name]) => !lists.includes(name) && (act.breaks?.test(`${pk} ${name}`) ?? true))
      .flatMap(([name, value]) => broken(value).map((by) => ({ pk, name, by }))),
  );
}

describe.each(acts)("if $what", (act) => {
  it.each(callFaults)("the end is the same whichever call is %s", async (is) => {
    const turns =
      is === "overtaken"
        ? [
            [0, 1],
            [1, 0],
          ]
        : [[0]];
    const ends = await Promise.all(turns.map((who) => seenInTurn(act, who)));
    const alone = await seenInTurn(act, [0]);
    let isOver = false;
    for (let call = 0; !isOver; call++) {
      const { hasStruck, seen, winners } = await withFault(act, is, call);
      isOver = !hasStruck;
      expect(isOver ? [alone] : ends, `call ${call}`).toContainEqual(seen);
      if (act.won === undefined) continue;
      expect(winners, `call ${call}`).toBeLessThanOrEqual(1);
      // Without a failure, one process wins.
      if (is === "overtaken") expect(winners, `call ${call}`).toBe(1);
    }
  });

  it("the end is the same while indexes are late", async () => {
    const { items, process, world, given } = await worldOf(act);
    await act.act(process(new LateItems(items)), 0, given);
    expect(await act.seen(process(), world)).toEqual(await seenInTurn(act, [0]));
  });

  it("a broken record is named then, and prevents nothing else", async () => {
    const healthy = await lookedAt(act, await worldOf(act));
    const breaks = await breaksOf(act);
    expect(breaks.length).toBeGreaterThan(0);
    for (const { pk, name, by } of breaks) {
      const opened = await worldOf(act);
      const { besides, seen } = await lookedAt(act, opened, { pk, set: { [name]: by }, when: present() });
      const where = `${pk} with ${name} = ${by}`;
      expect(besides, where).toEqual(healthy.besides);
      const errors = opened.lines.filter(({ level }) => level === "error");
      expect(errors.length, where).toBeLessThanOrEqual(1);
      if (seen instanceof BrokenRow || seen instanceof UnusableBox) continue;
      expect(seen, where).not.toBeInstanceOf(Error);
      // A text that is no JSON may be another valid text.
      if (errors.length === 0 && by !== noJson) expect(seen, where).toEqual(healthy.seen);
    }
  });
});
