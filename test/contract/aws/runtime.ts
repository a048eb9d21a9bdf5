import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clients, Limits } from "@gatepost/aws";
import { awsRuntime } from "@gatepost/aws/runtime";
import type { Ports } from "@gatepost/receive";
import type { SendMessage } from "../../../packages/aws/src/jobs/queue.ts";
import type { Count, Counted, MetricCounts } from "../../../packages/aws/src/lambda/metrics.ts";
import { awsApi } from "../../../packages/aws/src/runtime/reads.ts";
import { environmentOf, type Names, patient, type StandIns } from "../../standins/aws.ts";
import { noon } from "../samples.ts";

export interface TestRuntime {
  clients: Clients;
  names: Names;
  ingest: Ports;
  reads: ReturnType<typeof awsApi>;
  /** The lines and the counts so far. */
  lines: { level: string; message: string; facts: unknown }[];
  counts: (Counted & MetricCounts)[];
  setClock(now: number): void;
  close(): Promise<void>;
}

/** The product's wiring on a new table and a new bucket. */
export async function runtimeOn(
  standIns: Pick<StandIns, "fresh">,
  {
    streams = false,
    variables = {},
    ...overrides
  }: {
    limits?: Limits;
    clients?: Clients;
    clock?: () => number;
    quarantineLimits?: { records: number; bytes: number };
    sendJob?: SendMessage;
    /** Whether its table has a stream. */
    streams?: boolean;
    /** Additional environment variables. */
    variables?: Record<string, string>;
  } = {},
): Promise<TestRuntime> {
  let now = noon;
  const lines: TestRuntime["lines"] = [];
  const counts: TestRuntime["counts"] = [];
  const line = (level: string) => (message: string, facts?: unknown) => void lines.push({ level, message, facts });
  const log = { info: line("info"), warn: line("warn"), error: line("error") };
  const count: Count = (whose, counted) => void counts.push({ ...whose, ...counted });
  const fresh = await standIns.fresh({ streams });
  const sendJob: SendMessage = async () => undefined;
  const wiring = { ...fresh, limits: patient, sendJob, log, clock: () => now, count, ...overrides };
  const env = {
    ...environmentOf(fresh.names),
    GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
    GATEPOST_CONSOLE_DOMAIN: "localhost",
    GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
    ...variables,
  };
  const ingest = awsRuntime(env, wiring);
  return {
    ...fresh,
    clients: wiring.clients,
    ingest,
    reads: awsApi(ingest, env, wiring),
    lines,
    counts,
    setClock(time) {
      now = time;
    },
    async close() {
      for (const client of Object.values(wiring.clients)) client.destroy();
      await fresh.remove?.();
    },
  };
}

/** Counts the calls of all clients by their command, from now on. */
export function countCalls({ dynamo, s3, events }: Clients): Record<string, number> {
  const calls: Record<string, number> = {};
  const counter =
    <Args, Result>(next: (args: Args) => Promise<Result>, { commandName = "" }: { commandName?: string }) =>
    (args: Args) => {
      calls[commandName] = (calls[commandName] ?? 0) + 1;
      return next(args);
    };
  dynamo.middlewareStack.add(counter, { step: "initialize" });
  s3.middlewareStack.add(counter, { step: "initialize" });
  events.middlewareStack.add(counter, { step: "initialize" });
  return calls;
}

/** Acts once, right before the first call of a command whose input contains `text`. */
export function before(client: DynamoDBClient, command: string, text: string, act: () => Promise<unknown>): void {
  let isDone = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!isDone && commandName === command && JSON.stringify(args.input).includes(text)) {
          isDone = true;
          await act();
        }
        return next(args);
      },
    { step: "initialize" },
  );
}
