import type { ChildProcess } from "node:child_process";
import { type Graph, readGraph } from "../../../scripts/synth/graph.ts";
import { startDynamo } from "../../standins/dynamo.ts";
import { listen } from "../../standins/listen.ts";
import { startS3 } from "../../standins/s3.ts";
import { withTableTags } from "../../standins/table-tags.ts";
import { Authority, operator, type Refused } from "./authority.ts";
import { cloudfront } from "./cloudfront.ts";
import { EventBus } from "./event-bus.ts";
import { httpApi } from "./http-api.ts";
import { Lambda } from "./lambda.ts";
import { RehearsedMappings } from "./mappings.ts";
import type { Statement } from "./permissions.ts";
import { functionsOf, recorded, routesOf } from "./recorded.ts";
import { type Access, createStores, keyOfOperator } from "./stores.ts";
import { unpacked } from "./unpacked.ts";

export interface Rehearsal {
  url: string;
  /** The address of the console, with the same API behind it. */
  console: string;
  /** A token that may do everything. */
  admin: string;
  bus: EventBus;
  mappings: RehearsedMappings;
  /** Who may do everything, the table and the bucket. */
  operator: Access & { table: string; bucket: string };
  /** The address of its S3, without a proxy before it. */
  s3: string;
  /** Lets every object seem to be older by so many ms. */
  letObjectsAge(ms: number): void;
  /** Sets the clock that all functions go by ahead, by ms; less than 0 sets it back. */
  later(ms: number): void;
  /** Lets calls of a function reach the table after so many ms, by a part of its name. */
  slowTable(part: string, ms: number): void;
  /** Calls that the roles of the functions do not allow. */
  refused: readonly Refused[];
  /** What the functions have written. */
  log(): string;
  /** The names of the schedules. */
  schedules: readonly string[];
  /** Does what a schedule does when its time has come. */
  fire(schedule: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** The address of each service. */
interface Services {
  dynamo: string;
  s3: string;
  bus: string;
}

export interface RehearsalOptions {
  port?: number;
  consolePort?: number;
  /** A DynamoDB Local that runs already, and an access key under which it has no tables; else one is started. */
  dynamo?: { url: string; accessKey: string };
  /** An S3 that runs already, with the bucket of another rehearsal in it; else one is started. */
  s3?: string;
  /** Roles of callers that are no functions of the graph, by the id of their access key. */
  roles?: ReadonlyMap<string, readonly Statement[]>;
  /** Gets what the functions write, as they do. */
  log?(line: string): void;
  /** Puts a proxy between the functions and the services; returns the proxy's addresses. */
  between?(services: Services): Promise<Services>;
  /** Further variables of the environment of each function, as a setting of the stage would deploy. */
  variables?: Readonly<Record<string, string>>;
  /** How many times as long as on AWS functions wait for their services; a busy machine is slow. */
  patience?: number;
  /** Hosts of the Internet that stand-ins on this machine take the place of, by their names. */
  hosts?: Readonly<Record<string, { port: number; ca: string }>>;
  /** Gets the process of each invocation as it begins. */
  invoking?(process: ChildProcess): void;
}

/** Makes a synthesised graph run on this machine, by its archives: of the sources of functions nothing is read. */
export async function rehearse(graphFolder: string, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const graph = readGraph(graphFolder);
  const functions = functionsOf(graph, graphFolder);
  await using opened = new AsyncDisposableStack();
  const closing = <One extends { close(): Promise<void> }>(one: One) => opened.adopt(one, () => one.close());
  const { url: bare, accessKey } = options.dynamo ?? { url: closing(await startDynamo()).url, accessKey: "rehearsal" };
  const dynamo = { url: bare, accessKey };
  const tags = closing(await withTableTags(bare));
  const [s3, bus] = [options.s3 === undefined ? closing(await startS3()) : { url: options.s3 }, new EventBus(graph)];
  const ofFunctions = functions.map(({ name, statements }) => [name, statements] as const);
  const roles = new Map<string, readonly Statement[]>([...ofFunctions, ...(options.roles ?? [])]);
  const authority = new Authority(roles, { dynamo: bare, tags: tags.url, s3: s3.url, bus, accessKey });
  const services = await authority.listen();
  for (const service of Object.values(services)) closing(service);
  const access: Access = {
    region: "eu-west-1",
    credentials: { accessKeyId: operator, secretAccessKey: "rehearsal" },
    dynamo: services.dynamo.url,
    s3: services.s3.url,
  };
  await createStores(graph, access);
  const direct = { dynamo: access.dynamo, s3: access.s3, bus: services.bus.url };
  const found = (await options.between?.(direct)) ?? direct;
  const mappings = closing(new RehearsedMappings(graph, { authority, bus, dynamo }));
  const lines: string[] = [];
  const log = (line: string) => {
    lines.push(line);
    options.log?.(line);
  };
  const lambdas = new Map<string, Lambda>();
  for (const one of functions) {
    const placed = Object.entries(one.environment.variables).map(
      ([name, value]) => [name, value.replace(queuesOfAws, `${services.sqs.url}/`)] as const,
    );
    const { hosts = {}, patience = 1 } = options;
    const rehearsed = { REHEARSED_HOSTS: JSON.stringify(hosts), REHEARSED_PATIENCE: `${patience}` };
    const variables = {
      ...Object.fromEntries(placed),
      ...reserved(one.name, access.region, found),
      ...rehearsed,
      ...options.variables,
    };
    const { zip, environment: _, statements: __, ...facts } = one;
    const invoking = (process: ChildProcess) => options.invoking?.(process);
    const aheadMs = () => authority.clockAheadMs;
    const lambda = new Lambda({ ...facts, ...(await unpacked(zip)), environment: variables, aheadMs, log, invoking });
    lambdas.set(one.name, closing(lambda));
  }
  bus.invoke = (name, envelope) => void twiceMore(async () => lambdas.get(name)?.invoke(envelope)).catch(String);
  await mappings.begin(lambdas);
  const { url } = closing(await listen(httpApi(routesOf(graph), lambdas), options.port));
  const page = closing(await listen(cloudfront(graph, { gateway: url, s3: found.s3 }), options.consolePort));
  const admin = await keyOfOperator(graph.stage, access);
  const running = opened.move();
  return {
    url,
    console: page.url,
    admin,
    bus,
    mappings,
    operator: {
      ...access,
      table: recorded(graph, "dynamodb/table:Table")[0]?.name ?? "",
      bucket: recorded(graph, "s3/bucket:Bucket").find(({ resource }) => resource.parent === "Store")?.bucket ?? "",
    },
    s3: s3.url,
    letObjectsAge(ms) {
      authority.objectAgeMs = ms;
    },
    later(ms) {
      authority.clockAheadMs += ms;
    },
    slowTable: (part, ms) => void authority.waits.set(part, ms),
    refused: authority.refused,
    log: () => lines.join(""),
    schedules: recorded(graph, "scheduler/schedule:Schedule").map(({ resource }) => resource.name),
    fire: (schedule) => fire(graph, lambdas, schedule),
    stop: () => running.disposeAsync(),
  };
}

const queuesOfAws = "https://sqs.eu-west-1.amazonaws.com/";

/** The variables that Lambda sets, and the addresses of the services here. The access key identifies the caller. */
function reserved(name: string, region: string, { dynamo, s3, bus }: Services): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: "rehearsal",
    AWS_LAMBDA_LOG_FORMAT: "JSON",
    AWS_ENDPOINT_URL_DYNAMODB: dynamo,
    AWS_ENDPOINT_URL_S3: s3,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus,
  };
}

/** Lambda retries asynchronous invocations twice, though not at once as here. */
async function twiceMore<T>(act: () => Promise<T>): Promise<T> {
  return act().catch(act).catch(act);
}

async function fire(graph: Graph, lambdas: ReadonlyMap<string, Lambda>, name: string): Promise<unknown> {
  const schedule = recorded(graph, "scheduler/schedule:Schedule").find(({ resource }) => resource.name === name);
  const lambda = lambdas.get(schedule?.target.arn.split(":").at(-1) ?? "");
  if (schedule === undefined || lambda === undefined) throw new Error(`${name} leads nowhere`);
  return twiceMore(() => lambda.invoke(schedule.target.input));
}
