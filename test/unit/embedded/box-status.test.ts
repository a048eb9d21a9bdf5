import { receiver } from "@gatepost/ingest";
import { expect, it } from "vitest";
import { boxHealthContract } from "../../contract/box-status.ts";
import { fixture, noticeFixtures } from "../../support/fixtures.ts";
import { boxRequest } from "../../support/http.ts";
import { healthOf, noticesOf } from "./box-status.ts";
import { temporaryMachine } from "./temporary.ts";

async function open() {
  const { machine, close } = await temporaryMachine({ settings: { openBox: "gate-1" } });
  return { machine, of: async (box: string) => noticesOf(machine.folder.database, box), close };
}

boxHealthContract("SQLite", async () => {
  const { machine, ...deps } = await open();
  return { health: healthOf(machine), removeExpired: (now) => machine.retention.sweep(now), ...deps };
});

it.each(noticeFixtures())("%s, %s, is kept for the health of its box, and is no event", async (kind, name) => {
  const { machine, of, close } = await open();
  const report = fixture(kind, name);
  const { status } = await receiver(machine.ingest)(boxRequest({ path: "/HistoryEvent", body: report }));
  expect(status).toBe(200);
  expect(await of("gate-1")).toMatchObject([{ kind, report }]);
  await close();
});
