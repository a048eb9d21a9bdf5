import { join } from "node:path";
import { expect, it } from "vitest";
import { openSpoolFile } from "../../../packages/bridge/src/spool/schema.ts";
import { SeenEvents } from "../../../packages/bridge/src/spool/seen-events.ts";
import { atEnd, temporary } from "../../unit/simulator/support.ts";

const kept = 20_000;
const latest = 30_000;

/** The remembered events after each of these boxes, in turns, had one event a ms. */
async function seen(...boxes: string[]) {
  const database = openSpoolFile(join(await temporary(), "spool.db"));
  atEnd(() => database.close());
  const events = new SeenEvents(database);
  database.exec("BEGIN");
  for (let at = 1; at <= latest; at++) {
    for (const box of boxes) events.add(box, { at, device: "", person: `${at}`, isResumeMark: false });
  }
  database.exec("COMMIT");
  return (box: string) => events.between(box, 0, latest).map(({ at }) => at);
}

it("remembers the latest twenty thousand events of a box, and little more", async () => {
  const times = (await seen("gate-1"))("gate-1");
  expect(times.length).toBeGreaterThanOrEqual(kept);
  expect(times.length).toBeLessThanOrEqual(kept + 500);
  expect(times.at(-1)).toBe(latest);
  expect(times[0]).toBe(latest - times.length + 1);
});

it("forgets old events of every box, in any order of boxes", async () => {
  const times = await seen("gate-1", "gate-2");
  for (const box of ["gate-1", "gate-2"]) expect(times(box).length).toBeLessThanOrEqual(kept + 500);
});
