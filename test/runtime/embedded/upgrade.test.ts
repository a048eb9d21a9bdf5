import { createHash } from "node:crypto";
import { cp, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openRuntime } from "@gatepost/embedded";
import { receiver } from "@gatepost/ingest";
import { merge, pictureKinds } from "@gatepost/protocol";
import { expect, it } from "vitest";
import * as z from "zod";
import { eventThen } from "../../support/event-then.ts";
import { boxRequest } from "../../support/http.ts";
import { history } from "../../support/reports.ts";
import { temporaryFolder } from "./temporary.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const token = "gpi_fixtureOfSchemaVersionOne";

it("a data folder of schema version 1 opens with all that was in it, and goes on", async () => {
  const { path, remove } = await temporaryFolder();
  await cp(`${fixtures}data-v1`, path, { recursive: true });
  const runtime = await openRuntime({ data: path });
  const events = (await runtime.reads.events.list({}, { limit: 100, cursor: null })).items.map(merge);
  const expected = z.array(eventThen).parse(JSON.parse(await readFile(`${fixtures}data-v1.json`, "utf8")));
  expect(z.array(eventThen).parse(events)).toEqual(expected);
  for (const event of events) {
    for (const kind of pictureKinds) {
      const picture = event.pictures[kind];
      if (picture === undefined) continue;
      const bytes = await runtime.reads.pictures.get("2026-11", kind, picture.sha256);
      expect(
        createHash("sha256")
          .update(bytes ?? "")
          .digest("hex"),
      ).toBe(picture.sha256);
    }
  }
  expect((await runtime.reads.quarantine.list(null, { limit: 9, cursor: null })).items).toMatchObject([
    { reason: "not-json" },
  ]);
  const answer = await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body: history() }));
  expect(answer.status).toBe(200);
  expect((await runtime.reads.events.list({}, { limit: 100, cursor: null })).items).toHaveLength(expected.length + 1);
  await runtime.close();
  await remove();
});
