import { relayOutbox } from "@gatepost/core/actions";
import * as z from "zod";
import { Heartbeats } from "../../../../packages/aws/src/events/heartbeats.ts";
import { ingestHandler } from "../../../../packages/aws/src/lambda/ingest.ts";
import { lambdaLog } from "../../../../packages/aws/src/lambda/log.ts";
import { emf } from "../../../../packages/aws/src/lambda/metrics.ts";
import { countedPorts } from "../../../support/counted-ports.ts";
import { httpEvent } from "../../../support/http-event.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { photo } from "../../../support/pictures.ts";
import { history, stranger } from "../../../support/reports.ts";
import { writtenBy } from "../../../support/written.ts";
import { FakeTable } from "../../../unit/aws/fake-table.ts";

/*
 * What the functions really write, by running their code in this process: lines that are counted, and lines in
 * CloudWatch's embedded metric format.
 */

/** A line of a log, in the minute in which it was written. */
export interface Line {
  minute: number;
  text: string;
}

/** What a line in the embedded metric format publishes. */
export interface Published {
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
}

const embedded = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string() })),
      }),
    ),
  }),
});

/** How many minutes the bus fails, from minute 0 on. */
const failingMinutes = 30;

/** The lines of a sweep that runs once a minute while the bus takes nothing. */
export async function sweepingWhileTheBusFails(): Promise<Line[]> {
  const deps = new MemoryPorts();
  const began = deps.now;
  deps.failing.set("bus", new Error("the bus does not answer"));
  await posted(deps, history({ want_action: "1002" }, { recognize_face: photo("pending") }));
  const minutes = Array.from({ length: failingMinutes }, (_, minute) => minute);
  const lines: Line[] = [];
  for (const minute of minutes) {
    // A second early every other time: an entry leased for a minute is not free yet.
    deps.now = began + minute * 60_000 - (minute % 2) * 1000;
    lines.push(...(await linesOf(deps, () => relayOutbox(deps))).map((text) => ({ minute, text })));
  }
  return lines;
}

/** The lines of a sweep of the boxes that runs once a minute while nothing that is received is noted. */
export async function sweepingWhileNothingIsNoted(): Promise<Line[]> {
  const deps = new MemoryPorts();
  const heardLast = deps.now;
  const lines: Line[] = [];
  for (let minute = 0; minute < failingMinutes; minute++) {
    deps.now = heardLast + minute * 60_000;
    lines.push(...(await linesOf(deps, () => deps.boxes.check(heardLast))).map((text) => ({ minute, text })));
  }
  return lines;
}

/** The lines of the watch over the index of changes, once a minute while the index shows nothing. */
export async function watchingWhileTheIndexLags(): Promise<Line[]> {
  const deps = new MemoryPorts();
  const began = deps.now;
  const table = new FakeTable();
  table.keys = async () => ({ keys: [], next: undefined });
  const heartbeats = new Heartbeats({ dynamo: table.asDynamo(), log: deps.log, clock: () => deps.now });
  const lines: Line[] = [];
  for (let minute = 0; minute < failingMinutes; minute++) {
    deps.now = began + minute * 60_000;
    lines.push(...(await linesOf(deps, () => heartbeats.watch())).map((text) => ({ minute, text })));
  }
  return lines;
}

/** The lines of a function whose box fills its quarantine over the half. */
export async function fillingTheQuarantine(): Promise<string[]> {
  const deps = new MemoryPorts({ quarantineLimits: { records: 4, bytes: 1_000_000 } });
  return linesOf(deps, async () => {
    for (const body of ["not", "to be", "under", "stood"]) await posted(deps, body);
  });
}

/** The lines of the function of other paths that refuses a GET once every seven minutes. */
export async function refusingByGet(key: string): Promise<Line[]> {
  const deps = new MemoryPorts();
  const receive = ingestHandler(() => deps);
  const began = deps.now;
  const lines: Line[] = [];
  for (let minute = 0; minute < 70; minute += 7) {
    deps.now = began + minute * 60_000;
    const event = httpEvent({ method: "GET", path: `/${key}/Relay`, query: "card=7" });
    lines.push(...(await linesOf(deps, () => receive(event))).map((text) => ({ minute, text })));
  }
  return lines;
}

/** All metrics that reports make the functions publish, under the service that the deployment names. */
export async function publishedOfReports(service: string): Promise<Published[]> {
  const deps = new MemoryPorts();
  const before = process.env["POWERTOOLS_SERVICE_NAME"];
  process.env["POWERTOOLS_SERVICE_NAME"] = service;
  try {
    const { result, stdout } = writtenBy(async () => {
      const update = history({ want_action: "1002" }, { recognize_face: photo("one"), spot_pic: "no picture" });
      const unfit = stranger({ want_action: "1001" }, { box_fiqa_info: { fiqa_result: false } });
      for (const body of [update, update, unfit, "nonsense"]) await posted(deps, body);
    });
    await result;
    return stdout().trim().split("\n").flatMap(publishedBy);
  } finally {
    if (before === undefined) delete process.env["POWERTOOLS_SERVICE_NAME"];
    else process.env["POWERTOOLS_SERVICE_NAME"] = before;
  }
}

async function posted(deps: MemoryPorts, body: unknown): Promise<void> {
  const path = `/${deps.addKey()}/HistoryEvent`;
  const { statusCode } = await ingestHandler(() => countedPorts(deps, emf))(httpEvent({ path, body }));
  if (statusCode !== 200) throw new Error(`a report was answered ${statusCode}`);
}

/** What a function writes of what the ports log while `act` runs. */
async function linesOf(deps: MemoryPorts, act: () => Promise<unknown>): Promise<string[]> {
  const known = deps.lines.length;
  await writtenBy(act).result;
  const { stdout, stderr } = writtenBy(() => {
    const log = lambdaLog();
    for (const { level, message, facts } of deps.lines.slice(known)) log[level](message, facts);
  });
  return `${stdout()}${stderr()}`.split("\n").filter((line) => line !== "");
}

function publishedBy(line: string): Published[] {
  const { _aws, ...members } = embedded.parse(JSON.parse(line));
  return _aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        metricName: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, String(members[name])])),
      })),
    ),
  );
}
