import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clients, connect } from "@gatepost/aws";
import * as z from "zod";
import { patient } from "./aws.ts";
import { bodyOf, type Listening, listen } from "./listen.ts";
import type { Tables } from "./memory-dynamo/tables.ts";
import { askWithoutHttp } from "./memory-dynamo/without-http.ts";
import { tablesAt } from "./shared-dynamo.ts";

const attribute = z.object({ S: z.string().optional(), N: z.string().optional() });
const row = z.record(z.string(), attribute);
type Row = z.output<typeof row>;

const written = z.object({ TableName: z.string(), Key: row.optional(), Item: row.optional() });
const asked = z.looseObject({ TableName: z.string(), Key: row, ConsistentRead: z.boolean().optional() });
const manyAsked = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(row), ConsistentRead: z.boolean().optional() })),
});
/** The one form of query that Gatepost makes. */
const queried = z.looseObject({
  TableName: z.string(),
  IndexName: z.string(),
  KeyConditionExpression: z.literal("#hash = :hash AND #range BETWEEN :from AND :to"),
  ExpressionAttributeNames: z.object({ "#hash": z.string(), "#range": z.string() }),
  ExpressionAttributeValues: z.object({ ":hash": attribute, ":from": attribute, ":to": attribute }),
  ScanIndexForward: z.boolean(),
});
type Queried = z.output<typeof queried>;

export interface StaleDynamo extends Listening {
  /** ms for which reads that are not consistent, and indexes, still give a row as it was before its last write. */
  lagMs: number;
  /** Makes indexes show all rows as they are now, until `go`; with `hashes` only rows under such keys of the index. */
  stop(hashes?: readonly string[]): void;
  go(): void;
  /** Clients for its address. They ask it without HTTP if the tables behind it are of this process. */
  connect(): Clients;
}

/** Rows as they were when indexes stopped, of those that were written since. */
interface Stopped {
  rows: Map<string, Row | null>;
  /** Undefined: all. */
  hashes: readonly string[] | undefined;
}

/**
 * A stand-in before DynamoDB Local, whose reads are all consistent and whose indexes know a write at once. This one
 * lags behind, as DynamoDB may: it gives the row before the write, or none.
 */
export async function staleDynamo(upstream: string): Promise<StaleDynamo> {
  const before = new Map<string, { row: Row | null; at: number }>();
  let stopped: Stopped | null = null;
  const stale: StaleDynamo = {
    url: "",
    lagMs: 0,
    stop: (hashes) => {
      stopped = { rows: new Map(), hashes };
    },
    go: () => {
      stopped = null;
    },
    close: async () => {},
    connect: () => connect(patient),
  };

  const formerOf = (table: string, pk: string | undefined) => {
    const former = before.get(`${table} ${pk}`);
    return former !== undefined && Date.now() - former.at < stale.lagMs ? former : undefined;
  };

  const answers: Record<string, (call: Call) => Promise<unknown>> = {
    async GetItem({ body, pass }) {
      const { TableName, Key, ConsistentRead } = asked.parse(body);
      const former = ConsistentRead === true ? undefined : formerOf(TableName, Key["pk"]?.S);
      return former === undefined ? pass(body) : former.row === null ? {} : { Item: former.row };
    },
    async BatchGetItem({ body, pass }) {
      const found = z.looseObject({ Responses: z.record(z.string(), z.array(row)) }).parse(await pass(body));
      for (const [table, { Keys, ConsistentRead }] of Object.entries(manyAsked.parse(body).RequestItems)) {
        if (ConsistentRead === true) continue;
        const fresh = found.Responses[table] ?? [];
        found.Responses[table] = Keys.flatMap(({ pk }) => {
          const former = formerOf(table, pk?.S);
          const found = former === undefined ? fresh.find((one) => one["pk"]?.S === pk?.S) : former.row;
          return found === undefined || found === null ? [] : [found];
        });
      }
      return found;
    },
    async Query({ body, pass }) {
      const found = z.looseObject({ Items: z.array(row) }).parse(await pass(body));
      return { ...found, Items: itemsBefore(queried.parse(body), found.Items) };
    },
  };

  const write = async ({ body, pass, read }: Call) => {
    const { TableName, Key, Item } = written.parse(body);
    const pk = (Key ?? Item)?.["pk"]?.S;
    const former = z.object({ Item: row.optional() }).parse(await read(TableName, pk ?? ""));
    const answer = await pass(body);
    const name = `${TableName} ${pk}`;
    before.set(name, { row: former.Item ?? null, at: Date.now() });
    if (stopped?.rows.has(name) === false) stopped.rows.set(name, former.Item ?? null);
    return answer;
  };
  for (const name of ["PutItem", "UpdateItem", "DeleteItem"]) answers[name] = write;

  /** The entries of an index as they were: without the latest writes, and with the rows before them. */
  function itemsBefore(query: Queried, items: readonly Row[]): Row[] {
    const { TableName, ExpressionAttributeNames: names, ExpressionAttributeValues: values, ScanIndexForward } = query;
    const rangeOf = (one: Row) => one[names["#range"]]?.S ?? "";
    const isIn = (one: Row) =>
      one[names["#hash"]]?.S === values[":hash"].S &&
      rangeOf(one) >= (values[":from"].S ?? "") &&
      rangeOf(one) <= (values[":to"].S ?? "");
    const isStopped = stopped?.hashes?.includes(values[":hash"].S ?? "") ?? true;
    const shownOf = (table: string, pk: string | undefined) => {
      const row = isStopped ? stopped?.rows.get(`${table} ${pk}`) : undefined;
      return row === undefined ? formerOf(table, pk)?.row : row;
    };
    const unchanged = items.filter(({ pk }) => shownOf(TableName, pk?.S) === undefined);
    const former = [...before.keys()].flatMap((name) => {
      const [table = "", ...pk] = name.split(" ");
      const row = table === TableName ? shownOf(table, pk.join(" ")) : undefined;
      return row === undefined || row === null ? [] : [row];
    });
    const keysOf = (one: Row) => ({
      pk: one["pk"] ?? {},
      [names["#hash"]]: one[names["#hash"]] ?? {},
      [names["#range"]]: one[names["#range"]] ?? {},
    });
    const order = ScanIndexForward ? 1 : -1;
    return [...unchanged, ...former.filter(isIn).map(keysOf)].sort((a, b) =>
      rangeOf(a) < rangeOf(b) ? -order : order,
    );
  }

  const answerOf: AnswerOf = (operation, call) => answers[operation]?.(call) ?? call.pass(call.body);
  const server = await listen(async (incoming, outgoing) => {
    const operation = `${incoming.headers["x-amz-target"]}`.split(".")[1] ?? "";
    try {
      const answer = await answerOf(operation, await callOf(upstream, incoming, outgoing));
      outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      outgoing.writeHead(error.status, { "content-type": "application/x-amz-json-1.0" }).end(error.message);
    }
  });
  const tables = await tablesAt(upstream);
  if (tables !== null) stale.connect = () => clientsOf(tables, answerOf);
  return Object.assign(stale, server);
}

interface Call {
  body: unknown;
  /** Asks DynamoDB Local itself. Throws Refused if that refuses. */
  pass(body: unknown): Promise<unknown>;
  /** Reads the current row. */
  read(table: string, pk: string): Promise<unknown>;
}

type AnswerOf = (operation: string, call: Call) => Promise<unknown>;

function clientsOf(tables: Tables, answerOf: AnswerOf): Clients {
  const clients = connect(patient);
  askWithoutHttp(clients.dynamo, {
    async answer(caller, operation, body) {
      const ask = async (input: unknown, asked = operation) => tables.answer(caller, asked, input);
      const read = (TableName: string, pk: string) =>
        ask({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }, "GetItem");
      return Object(await answerOf(operation, { body, pass: ask, read }));
    },
  });
  return clients;
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number, answer: string) {
    super(answer);
    this.status = status;
  }
}

async function callOf(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Call> {
  outgoing.on("error", () => {});
  const { authorization = "", "x-amz-target": target = "" } = incoming.headers;
  const sent = (await bodyOf(incoming)).toString();
  const ask = async (body: unknown, operation: string) => {
    const headers = { authorization, "x-amz-target": operation, "content-type": "application/x-amz-json-1.0" };
    const answer = await fetch(upstream, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Refused(answer.status, text);
    return JSON.parse(text);
  };
  return {
    body: JSON.parse(sent),
    pass: (body) => ask(body, `${target}`),
    read: (TableName, pk) =>
      ask({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }, "DynamoDB_20120810.GetItem"),
  };
}
