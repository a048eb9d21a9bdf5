import type { IncomingMessage } from "node:http";

/** A statement of a role's policy. */
export interface Statement {
  Action: readonly string[];
  Resource: readonly string[];
}

/** What a call asks to do. */
export interface Access {
  action: string;
  resource: string;
}

export function isAllowed(statements: readonly Statement[], { action, resource }: Access): boolean {
  return statements.some(
    ({ Action, Resource }) =>
      Action.some((one) => covers(one, action)) && Resource.some((one) => covers(one, resource)),
  );
}

/** `*` stands for any text in what IAM allows. */
function covers(pattern: string, wished: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(wished);
}

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;

/** What a call of DynamoDB asks to do: its target, as "DynamoDB_20120810.Query", and its body. */
export function dynamoAccesses(target: string, body: Record<string, unknown>): Access[] {
  const action = `dynamodb:${target.split(".").at(-1)}`;
  const requested = body["RequestItems"] as object | undefined;
  const tables = requested === undefined ? [body["TableName"]] : Object.keys(requested);
  const index = body["IndexName"] === undefined ? "" : `/index/${body["IndexName"]}`;
  return tables.map((table) => ({ action, resource: arn("dynamodb", `table/${table}${index}`) }));
}

const ofMethods: Record<string, string> = {
  GET: "s3:GetObject",
  HEAD: "s3:GetObject",
  PUT: "s3:PutObject",
  DELETE: "s3:DeleteObject",
};

/** What a call of S3 asks to do: its path is /bucket/key, or /bucket alone. */
export function s3Access(method: string, path: string): Access {
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (key === "")
    return {
      action: method === "GET" ? "s3:ListBucket" : `s3:${method} of a bucket`,
      resource: `arn:aws:s3:::${bucket}`,
    };
  return { action: ofMethods[method] ?? `s3:${method}`, resource: `arn:aws:s3:::${bucket}/${decodeURIComponent(key)}` };
}

export function busAccesses(entries: readonly { EventBusName: string }[]): Access[] {
  return entries.map(({ EventBusName }) => ({
    action: "events:PutEvents",
    resource: arn("events", `event-bus/${EventBusName}`),
  }));
}

/** What a call of the management endpoint of a WebSocket API asks to do. */
export function socketAccess(api: string, { method = "", url = "" }: Pick<IncomingMessage, "method" | "url">): Access {
  const [stage = "", connection = ""] = decodeURIComponent(url).replace(/^\//, "").split("/@connections/");
  const resource = arn("execute-api", `${api}/${stage}/${method}/@connections/${connection}`);
  return { action: "execute-api:ManageConnections", resource };
}

/** What Lambda asks for of the role of a function that it feeds from a stream. */
export function streamAccesses(stream: string): Access[] {
  const actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
  return actions.map((action) => ({ action: `dynamodb:${action}`, resource: stream }));
}

/** The same of one that it feeds from a queue. */
export function takingAccesses(queue: string): Access[] {
  const actions = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
  return actions.map((action) => ({ action: `sqs:${action}`, resource: queue }));
}
