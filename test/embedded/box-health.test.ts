import { DatabaseSync } from "node:sqlite";
import { type BoxNotice, receiver } from "@gatepost/ingest";
import { expect, it } from "vitest";
import { boxHealthContract } from "../contracts/box-health.ts";
import { fixture, noticeFixtures } from "../support/fixtures.ts";
import { httpEvent } from "../support/http.ts";
import { temporaryMachine } from "./temporary.ts";

/** Reads what a machine keeps, from beside it. */
function notices(database: string, box: string): BoxNotice[] {
  const beside = new DatabaseSync(database, { readOnly: true });
  const rows = beside.prepare("SELECT * FROM notices WHERE box = ?").all(box);
  beside.close();
  return rows.map((row) => ({
    box: String(row["box"]),
    kind: row["kind"] as BoxNotice["kind"],
    receivedAt: Number(row["received_at"]),
    report: JSON.parse(String(row["report"])),
  }));
}

async function open() {
  const { machine, close } = await temporaryMachine({ settings: { openBox: "gate-1" } });
  return { machine, of: async (box: string) => notices(machine.folder.database, box), close };
}

boxHealthContract("SQLite", async () => {
  const { machine, ...on } = await open();
  const { health } = machine.ingest;
  if (health === undefined) throw new Error("a machine keeps the health of boxes");
  return { health, ...on };
});

it.each(noticeFixtures())("%s, %s, is kept for the health of its box, and is no event", async (kind, name) => {
  const { machine, of, close } = await open();
  const report = fixture(kind, name);
  const { statusCode } = await receiver(machine.ingest)(httpEvent({ path: "/HistoryEvent", body: report }));
  expect(statusCode).toBe(200);
  expect(await of("gate-1")).toMatchObject([{ kind, report }]);
  await close();
});
