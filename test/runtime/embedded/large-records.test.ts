import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { expect, it } from "vitest";
import { incompleteAt } from "../../../packages/embedded/src/quarantine/pieces.ts";
import { day, noon } from "../../contract/samples.ts";
import { turnsOf } from "../../support/turns.ts";
import { openedByTests, temporaryDataFolder } from "./temporary.ts";

const { closers } = openedByTests();
const quiet = { info() {}, warn() {}, error() {} };

/** Bytes of a record that is written in twelve pieces. */
const bytes = 12 * 1024 * 1024;

/** A record of `bytes` bytes that was received now. */
const large = (id: string, receivedAt: number) => ({
  id,
  box: "gate-1",
  path: "HistoryEvent",
  reason: "not-json",
  receivedAt,
  headers: {},
  event: null,
  body: Buffer.alloc(bytes, "x"),
});

/** A store whose clock is off by `offset` ms until it is set right. */
async function machine(offset: number) {
  const { path, remove } = await temporaryDataFolder();
  let off = offset;
  const runtime: Runtime = await openRuntime({ data: path, log: quiet, clock: () => noon + off, elapsed: () => 0 });
  closers.push(remove, () => runtime.close());
  return {
    runtime,
    file: join(path, "gatepost.db"),
    setRight() {
      off = 0;
    },
  };
}

it("the removal of expired data spares a large record still being written", async () => {
  const { runtime } = await machine(0);
  const { quarantine } = runtime.ingest;
  let isWritten = false;
  const written = quarantine.put(large("qrt_large", noon)).finally(() => {
    isWritten = true;
  });
  while (!isWritten) await runtime.retention.sweep(noon);
  await written;
  expect((await runtime.reads.quarantine.get("qrt_large"))?.body.length).toBe(bytes);
});

it("a large record is read a piece in a turn", async () => {
  const { runtime } = await machine(0);
  // No two pieces of it are equal.
  const body = Buffer.alloc(bytes, "abcdefghijk");
  await runtime.ingest.quarantine.put({ ...large("qrt_large", noon), body });
  const [record, turns] = await turnsOf(runtime.reads.quarantine.get("qrt_large"));
  expect(body.equals(record?.body ?? Buffer.alloc(0))).toBe(true);
  expect(turns).toBeGreaterThanOrEqual(11);
});

it("a large record that is removed while it is read is gone", async () => {
  const { runtime, file } = await machine(0);
  await runtime.ingest.quarantine.put(large("qrt_large", noon));
  const database = new DatabaseSync(file);
  try {
    // The first piece is read now, and the others in later turns: the last piece is gone by then, as in a removal.
    const read = runtime.reads.quarantine.get("qrt_large");
    expect(database.prepare("DELETE FROM quarantine_pieces WHERE number = 11").run().changes).toBe(1);
    expect(await read).toBeNull();
  } finally {
    database.close();
  }
});

it("a corrected clock completes no large record of a killed process", async () => {
  const { runtime, file, setRight } = await machine(-200 * day);
  await runtime.ingest.quarantine.put(large("qrt_torn", noon - 200 * day));
  const database = new DatabaseSync(file);
  const records = () => database.prepare("SELECT count(*) AS n FROM quarantine").get()?.["n"];
  try {
    database.prepare("UPDATE quarantine SET received_at = ? WHERE id = 'qrt_torn'").run(incompleteAt);
    await runtime.storeClock.note();
    setRight();
    await runtime.storeClock.trust();
    expect(await runtime.reads.quarantine.get("qrt_torn")).toBeNull();
    await runtime.retention.sweep(noon);
    expect(records()).toBe(0);
  } finally {
    database.close();
  }
});
