import { eventTypes } from "@gatepost/core/paths";
import { checkBox } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { countedPorts } from "../../support/counted-ports.ts";
import { fixture } from "../../support/fixtures.ts";
import { httpEvent } from "../../support/http-event.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";

it("counts the dialects that do not belong to the path, by its type of event", async () => {
  const deps = new MemoryPorts();
  const counted: unknown[] = [];
  const ports = countedPorts(deps, ({ route, dialect }, counts) => {
    if (counts.UnexpectedDialect !== undefined) counted.push([route, dialect, counts]);
  });
  const key = deps.addKey("ingest", "gate-1");
  const [onHistory, onAny] = [ingestHandler(() => ports, undefined, eventTypes[1]), ingestHandler(() => ports)];
  const post = (handle: typeof onAny, path: string, dialect: string) =>
    handle(httpEvent({ path: `/${key}${path}`, body: fixture(dialect, "minimal") }));
  await post(onHistory, "/HistoryEvent", "history-flat");
  await post(onHistory, "/HistoryEvent", "root-facts");
  await post(onAny, "/PassRecord", "platform-a");
  expect(counted).toEqual([]);
  await post(onHistory, "/x", "platform-a");
  await post(onHistory, "/HistoryEvent", "se3-realtime");
  expect(counted).toEqual([
    ["history", "platform-a", { UnexpectedDialect: 1 }],
    ["history", "se3-realtime", { UnexpectedDialect: 1 }],
  ]);
});

it("counts the reports of a box, and none of a check", async () => {
  const deps = new MemoryPorts();
  const counted = new Set<string>();
  const handle = ingestHandler(() =>
    countedPorts(deps, ({ box }, counts) => {
      for (const name of Object.keys(counts)) counted.add(`${box} ${name}`);
    }),
  );
  for (const box of ["gate-1", checkBox]) {
    const path = `/${deps.addKey("ingest", box)}/HistoryEvent`;
    for (const body of [fixture("history-nested", "update-photo"), "no report"]) {
      expect(await handle(httpEvent({ path, body }))).toMatchObject({ statusCode: 200 });
    }
  }
  expect(deps.announced.map(({ detailType }) => detailType)).toEqual(["Base Photo Update Requested", "Gatepost Test"]);
  expect([...counted].sort()).toEqual(
    ["accepted", "announced", "bytes", "flagged", "pending", "quarantined"].map((name) => `gate-1 ${name}`),
  );
});
