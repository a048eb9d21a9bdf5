import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { knownIn } from "../check-data.ts";
import type { Arrival } from "../claims.ts";
import { Driver } from "../driver.ts";
import { openHere } from "../gate.ts";
import { look, readTables } from "../observe.ts";
import { Passings } from "../passing.ts";
import type { Scene } from "../recording.ts";
import { scratch } from "../scratch.ts";
import { bound } from "./bound.ts";
import { keepRoom } from "./seeded-data.ts";
import { serving } from "./serving.ts";

interface Kept {
  /** The folder below test/fixtures. */
  name: string;
  /** An ingest key in it. */
  token: string;
  /** When it was written, ms since 1970: nothing in it has expired by then. */
  at: number;
  /** Texts that were being erased when it was written. */
  traces: string[];
}

const kept: readonly Kept[] = [
  { name: "data-v1", token: "gpi_fixtureOfSchemaVersionOne", at: Date.UTC(2026, 10, 20, 13), traces: [] },
  {
    name: "data-v4",
    token: "gpi_fixtureOfSchemaVersion4gate1",
    at: 1_795_089_273_000,
    traces: ["left to be erased"],
  },
];

/** A server of today starts on what one of before has left. */
export const upgrades: readonly Scene[] = kept.map(({ name, token, at, traces }) => ({
  name: `upgrade-${name}`,
  share: 8,
  async prepare({ root, seed }) {
    const random = seededFor(seed, name);
    const passings = new Passings(name, random);
    const data = join(root, "data");
    const aheadMs = at - Date.now();
    const before = await shownBefore(name, aheadMs);
    await mkdir(data, { mode: 0o700 });
    await cp(fileURLToPath(new URL(`../../../test/fixtures/${name}`, import.meta.url)), data, { recursive: true });
    await keepRoom(data);
    const driver = new Driver();
    driver.holds([
      { kind: "key", token },
      { kind: "erased", person: null, traces },
    ]);
    return {
      ...serving({ root, check: { known: before.known, hasRules: true, aheadMs } }),
      aheadMs,
      arrivals: before.arrivals,
      hasRules: true,
      operations: () => driver.operations,
      async drive(url) {
        for (let count = 0; count < 3; count++) {
          const one = passings.next({ at });
          await bound(
            driver,
            url,
          )({
            path: `/${token}/HistoryEvent`,
            body: one.history,
            claims: [one.claims.history],
            isRepeated: true,
          });
        }
      },
    };
  },
}));

/** What is shown of a kept folder that nothing has happened to. */
async function shownBefore(
  name: string,
  aheadMs: number,
): Promise<{ known: Map<string, string>; arrivals: Arrival[] }> {
  await using folder = await scratch();
  await cp(fileURLToPath(new URL(`../../../test/fixtures/${name}`, import.meta.url)), folder.path, { recursive: true });
  const gate = await openHere(folder.path, () => Date.now() + aheadMs);
  const known = knownIn(await look(gate, []));
  await gate.close();
  const { actions, deliveries } = readTables(folder.path);
  const ids = [...actions.map(({ id }) => id), ...deliveries.map(({ entryId }) => entryId)];
  return { known, arrivals: ids.map((id) => ({ id, at: 0 })) };
}
