import { GatepostError } from "@gatepost/core/errors";
import { type Clients, connect, type Limits } from "./clients.ts";

/** A call that the role of this function does not allow. Its message names the function, and what it may not do. */
class MissingRight extends Error {
  constructor(command: string, input: object, cause: unknown) {
    super(`the function ${functionName()} may not ${verbOf(command)} ${subjectOf(input)}: its role lacks ${command}`, {
      cause,
    });
    this.name = "MissingRight";
  }
}

/** The message for a client after a failure; null if no right is missing. */
export function missingRight(failure: unknown): GatepostError | null {
  if (!(failure instanceof MissingRight)) return null;
  return new GatepostError("unavailable", failure.message, { cause: failure, retryAfter: 60 });
}

interface Call {
  input: object;
}

type Middleware = <Output>(
  next: (call: Call) => Promise<Output>,
  context: { commandName?: string },
) => (call: Call) => Promise<Output>;

/** A client of the SDK, as far as its calls are watched. */
export interface Calling {
  middlewareStack: { add(middleware: Middleware, options: { step: "initialize"; name: string }): void };
}

/** The same client, whose calls fail with a MissingRight if the role of the function does not allow them. */
export function namingRights<Client extends Calling>(client: Client): Client {
  const name: Middleware =
    (next, { commandName = "" }) =>
    (call) =>
      next(call).catch((cause: unknown) => {
        throw isDenied(cause, commandName)
          ? new MissingRight(commandName.replace(/Command$/, ""), call.input, cause)
          : cause;
      });
  client.middlewareStack.add(name, { step: "initialize", name: "namingRights" });
  return client;
}

/** Clients for functions whose failures people read: the API and jobs. */
export function connectNaming(limits: Limits): Clients {
  const clients = connect(limits);
  namingRights(clients.dynamo);
  namingRights(clients.s3);
  return clients;
}

/** S3 also denies reading an absent object, to callers that may not list the bucket. */
function isDenied(error: unknown, command: string): boolean {
  return error instanceof Error && error.name.startsWith("AccessDenied") && !/^(?:Get|Head)Object/.test(command);
}

/** "gatepost-production-JobFunction-abcd" as Job. */
function functionName(): string {
  const name = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? "";
  return /-(\w+)Function-\w+$/.exec(name)?.[1] ?? name;
}

function verbOf(command: string): string {
  if (/^(?:Get|BatchGet|Query|List)/.test(command)) return "read";
  return command.startsWith("Delete") ? "remove" : "write";
}

/** Names of people and boxes are in keys, so only their beginnings are named. */
function subjectOf(input: object): string {
  const text = JSON.stringify(input);
  const index = /"IndexName":"(\w+)"/.exec(text);
  if (index !== null) return `the index ${index[1]}`;
  const rows = new Set([...text.matchAll(/"pk":\{"S":"([a-z-]+[ _]?)/g)].map(([, kind]) => `"${kind}"`));
  if (rows.size > 0) return `rows ${[...rows].join(", ")}`;
  const folder = /"(?:Key|Prefix)":"([a-z]+\/)/.exec(text);
  return folder === null ? "to a queue" : `objects ${folder[1]}`;
}
