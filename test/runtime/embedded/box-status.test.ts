import { receiver } from "@gatepost/receive";
import { expect, it } from "vitest";
import { boxStatusFixtures, fixture } from "../../support/fixtures.ts";
import { boxRequest } from "../../support/http.ts";
import { statusesOf } from "./box-status.ts";
import { temporaryRuntime } from "./temporary.ts";

async function open() {
  const { runtime, close } = await temporaryRuntime({ settings: { openBox: "gate-1" } });
  return { runtime, of: async (box: string) => statusesOf(runtime.folder.database, box), close };
}

it.each(boxStatusFixtures())("%s, %s, is kept for the health of its box, and is no event", async (kind, name) => {
  const { runtime, of, close } = await open();
  const report = fixture(kind, name);
  const { status } = await receiver(runtime.ingest)(boxRequest({ path: "/HistoryEvent", body: report }));
  expect(status).toBe(200);
  expect(await of("gate-1")).toMatchObject([{ kind, report }]);
  await close();
});
