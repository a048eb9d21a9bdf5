/** A statement of a role's policy. */
export interface Statement {
  Effect?: "Allow" | "Deny";
  Action: readonly string[];
  Resource: readonly string[];
  /** By operator and key of the context the values. */
  Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What a call asks to do. */
export interface Access {
  action: string;
  resource: string;
  /** Further facts of the call for IAM, by key. */
  context?: Readonly<Record<string, readonly string[]>>;
}

/** As IAM decides: what one statement denies, no other allows. */
export function isAllowed(statements: readonly Statement[], access: Access): boolean {
  const applying = statements.filter((statement) => applies(statement, access));
  return applying.length > 0 && !applying.some(({ Effect }) => Effect === "Deny");
}

function applies({ Action, Resource, Condition = {} }: Statement, { action, resource, context = {} }: Access): boolean {
  const tests = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => holds(operator, context[key] ?? [], values)),
  );
  return (
    Action.some((one) => covers(one, action)) && Resource.some((one) => covers(one, resource)) && tests.every(Boolean)
  );
}

/**
 * Without any value `ForAllValues` is true and `ForAnyValue` is false. Throws on an operator that is not implemented.
 */
function holds(operator: string, given: readonly string[], values: readonly string[]): boolean {
  const isLike = (value: string) => values.some((pattern) => covers(pattern, value));
  if (operator === "StringLike") return given.length === 1 && given.every(isLike);
  if (operator === "ForAnyValue:StringLike") return given.some(isLike);
  if (operator === "ForAllValues:StringLike") return given.every(isLike);
  throw new Error(`a condition that is not rehearsed: ${operator}`);
}

/** `*` means any text in IAM's permissions. */
function covers(pattern: string, wished: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(wished);
}

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;

/** What a call of DynamoDB asks to do: its target, as "DynamoDB_20120810.Query", and its body. */
export function dynamoAccesses(target: string, body: Record<string, unknown>): Access[] {
  const action = `dynamodb:${target.split(".").at(-1)}`;
  const requested = body["RequestItems"] as Record<string, unknown> | undefined;
  const tables = requested === undefined ? [[body["TableName"], body] as const] : Object.entries(requested);
  const index = body["IndexName"] === undefined ? "" : `/index/${body["IndexName"]}`;
  return tables.map(([table, request]) => ({
    action,
    resource: arn("dynamodb", `table/${table}${index}`),
    context: { "dynamodb:LeadingKeys": leadingKeys(request), "dynamodb:Attributes": attributesIn(request) },
  }));
}

/** The hash keys of the rows that a call names, in whichever of its members. */
function leadingKeys(request: unknown): string[] {
  if (typeof request !== "object" || request === null) return [];
  const own = "pk" in request ? stringIn(request.pk) : [];
  const named = ["Key", "Keys", "Item", "PutRequest", "DeleteRequest"];
  const inside = Object.entries(request).filter(([name]) => named.includes(name) || /^\d+$/.test(name));
  return [...own, ...inside.flatMap(([, value]) => leadingKeys(value))];
}

/**
 * The attributes that a call names: in rows that it writes whole, and in the names of its expressions, which use
 * placeholders.
 */
function attributesIn(request: unknown): string[] {
  if (typeof request !== "object" || request === null) return [];
  const { Item = {}, ExpressionAttributeNames = {}, PutRequest } = request as Readonly<Record<string, object>>;
  const inside = Array.isArray(request) ? request : [PutRequest];
  return [...Object.keys(Item), ...Object.values(ExpressionAttributeNames), ...inside.flatMap(attributesIn)];
}

function stringIn(value: unknown): string[] {
  return typeof value === "object" && value !== null && "S" in value ? [String(value.S)] : [];
}

const ofMethods: Record<string, string> = {
  GET: "s3:GetObject",
  HEAD: "s3:GetObject",
  PUT: "s3:PutObject",
  DELETE: "s3:DeleteObject",
};

/** Of the calls of an upload in parts. */
const ofUploads: Record<string, string> = {
  POST: "s3:PutObject",
  PUT: "s3:PutObject",
  DELETE: "s3:AbortMultipartUpload",
};

/** What a call of S3 asks to do: its path is /bucket/key, or /bucket alone. */
export function s3Access(method: string, path: string, query = new URLSearchParams()): Access {
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  if (key === "")
    return {
      action: method === "GET" ? listing(query) : `s3:${method} of a bucket`,
      resource: `arn:aws:s3:::${bucket}`,
      context: { "s3:prefix": query.getAll("prefix") },
    };
  const isUpload = query.has("uploads") || query.has("uploadId");
  const action = (isUpload ? ofUploads : ofMethods)[method] ?? `s3:${method}`;
  return { action, resource: `arn:aws:s3:::${bucket}/${decodeURIComponent(key)}` };
}

function listing(query: URLSearchParams): string {
  return query.has("uploads") ? "s3:ListBucketMultipartUploads" : "s3:ListBucket";
}

/** What it takes to send a message to a queue, by its URL. */
export function sendAccess(queueUrl: string): Access {
  return { action: "sqs:SendMessage", resource: arn("sqs", queueUrl.split("/").at(-1) ?? "") };
}

export function busAccesses(entries: readonly { EventBusName: string }[]): Access[] {
  return entries.map(({ EventBusName }) => ({
    action: "events:PutEvents",
    resource: arn("events", `event-bus/${EventBusName}`),
  }));
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
