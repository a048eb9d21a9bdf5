import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { isTooLargeForBus } from "../../standins/bus-entries.ts";
import { agent } from "../../standins/gate.ts";
import { bodyOf, type Listening, listen } from "../../standins/listen.ts";
import { isOfTags } from "../../standins/table-tags.ts";
import type { EventBus } from "./event-bus.ts";
import {
  type Access,
  busAccesses,
  dynamoAccesses,
  isAllowed,
  type Statement,
  s3Access,
  sendAccess,
} from "./permissions.ts";

/** A refused access, and its caller. */
export interface Refused extends Access {
  who: string;
}

interface Services {
  dynamo: string;
  /** The address of the service that knows tags of tables. */
  tags: string;
  s3: string;
  bus: EventBus;
  /** As whom all calls are passed on: DynamoDB Local keeps tables apart by who calls. */
  accessKey: string;
}

/**
 * A proxy before the services that enforces permissions as IAM does. The id of the access key is the name of the
 * calling function, whose role decides.
 */
export class Authority {
  readonly refused: Refused[] = [];
  /** ms by which objects seem to be older than they are: no test waits for them to age. */
  objectAgeMs = 0;
  /** ms by which the clock of the services is ahead. */
  clockAheadMs = 0;
  /** ms before a call of a function reaches the table, by a part of its name. */
  readonly waits = new Map<string, number>();
  /** Calls that may have changed a table. */
  writes = 0;
  /** Gets each message that a function sends to a queue, by the ARN of that. */
  sent: (queue: string, body: string) => void = () => {};
  readonly #roles: ReadonlyMap<string, readonly Statement[]>;
  readonly #services: Services;

  constructor(roles: ReadonlyMap<string, readonly Statement[]>, services: Services) {
    this.#roles = roles;
    this.#services = services;
  }

  /** One address for each service. */
  async listen(): Promise<{ dynamo: Listening; s3: Listening; bus: Listening; sqs: Listening }> {
    const serve = (answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) =>
      listen((request, response) => {
        response.setHeader("date", new Date(Date.now() + this.clockAheadMs).toUTCString());
        answer(request, response).catch(() => response.destroy());
      });
    return {
      dynamo: await serve((request, response) => this.#dynamo(request, response)),
      s3: await serve((request, response) => this.#s3(request, response)),
      bus: await serve((request, response) => this.#bus(request, response)),
      sqs: await serve((request, response) => this.#sqs(request, response)),
    };
  }

  async #dynamo(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const target = `${request.headers["x-amz-target"]}`;
    const caller = callerOf(request);
    for (const [part, ms] of this.waits) if (caller.includes(part)) await setTimeout(ms);
    const accesses = dynamoAccesses(target, JSON.parse(body.toString()));
    if (!this.allows(request, accesses))
      return refuse(response, "application/x-amz-json-1.0", { __type: "AccessDeniedException" });
    const { dynamo, tags } = this.#services;
    try {
      await this.#pass(isOfTags(target) ? tags : dynamo, request, { body, response });
    } finally {
      if (!reading.test(target)) this.writes += 1;
    }
  }

  async #s3(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://s3");
    const access = s3Access(request.method ?? "GET", pathname, searchParams);
    const tagging =
      request.headers["x-amz-tagging"] === undefined ? [] : [{ ...access, action: "s3:PutObjectTagging" }];
    if (!this.allows(request, [access, ...tagging])) return refuse(response, "application/xml", accessDenied);
    // A caller that may not list a bucket gets no 404 for absent objects.
    const mayList = this.#may(callerOf(request), {
      action: "s3:ListBucket",
      resource: access.resource.split("/", 1)[0] ?? "",
    });
    const statusOf = (status: number) => (status === 404 && !mayList ? 403 : status);
    await this.#pass(this.#services.s3, request, { body, response, statusOf, ageMs: this.objectAgeMs });
  }

  async #bus(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { Entries } = JSON.parse((await bodyOf(request)).toString());
    const { bus } = this.#services;
    const type = "application/x-amz-json-1.1";
    if (bus.takesMs > 0) await setTimeout(bus.takesMs);
    if (!this.allows(request, busAccesses(Entries))) refuse(response, type, { __type: "AccessDeniedException" });
    else if (bus.isDown) refuse(response, type, { __type: "ThrottlingException" });
    else if (Entries.some(isTooLargeForBus)) refuse(response, type, { __type: "ValidationException" });
    else response.writeHead(200, { "content-type": type }).end(JSON.stringify(bus.put(Entries)));
  }

  async #sqs(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { QueueUrl, MessageBody } = JSON.parse((await bodyOf(request)).toString());
    const type = "application/x-amz-json-1.0";
    const access = sendAccess(QueueUrl);
    if (!this.allows(request, [access])) return refuse(response, type, { __type: "AccessDeniedException" });
    this.sent(access.resource, MessageBody);
    const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
    response
      .writeHead(200, { "content-type": type })
      .end(JSON.stringify({ MD5OfMessageBody, MessageId: randomUUID() }));
  }

  /** Whether the signer of a request may do all that. */
  allows(request: IncomingMessage, accesses: readonly Access[]): boolean {
    return this.lets(callerOf(request), accesses);
  }

  /** Whether a function may do all that. */
  lets(who: string, accesses: readonly Access[]): boolean {
    const denied = accesses.filter((access) => !this.#may(who, access));
    this.refused.push(...denied.map((access) => ({ who, ...access })));
    return denied.length === 0;
  }

  #pass(upstream: string, request: IncomingMessage, passing: Omit<Passing, "accessKey">): Promise<void> {
    return pass(upstream, request, { ...passing, accessKey: this.#services.accessKey });
  }

  #may(who: string, access: Access): boolean {
    return who === operator || isAllowed(this.#roles.get(who) ?? [], access);
  }
}

/** Who sets the stage up, and may do everything. */
export const operator = "operator";

const accessDenied =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

function refuse(response: ServerResponse, type: string, answer: object | string): void {
  const isXml = typeof answer === "string";
  response.writeHead(isXml ? 403 : 400, { "content-type": type }).end(isXml ? answer : JSON.stringify(answer));
}

/** The id of the access key that a call, or a link, is signed with. */
function callerOf({ headers, url = "/" }: IncomingMessage): string {
  const signed = headers.authorization ?? new URL(url, "http://any").searchParams.get("X-Amz-Credential") ?? "";
  return /(?:Credential=|^)([\w-]+)\//.exec(signed)?.[1] ?? "nobody";
}

interface Passing {
  body: Buffer;
  response: ServerResponse;
  accessKey: string;
  statusOf?(status: number): number;
  ageMs?: number;
}

async function pass(
  upstream: string,
  { method, url = "/", headers }: IncomingMessage,
  { body, response, accessKey, statusOf = (status) => status, ageMs = 0 }: Passing,
): Promise<void> {
  const { host: _, expect: __, authorization, ...others } = endToEnd(headers);
  const asked = request(new URL(url, upstream), {
    method,
    agent,
    headers: {
      ...others,
      ...(authorization !== undefined && {
        authorization: authorization.replace(/Credential=[\w-]+/, `Credential=${accessKey}`),
      }),
      "content-length": body.length,
    },
  });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const { "last-modified": modified, "content-type": type = "" } = answer.headers;
  const older = (time: string) => new Date(Date.parse(time) - ageMs);
  const passed = {
    ...endToEnd(answer.headers),
    ...(modified !== undefined && { "last-modified": older(modified).toUTCString() }),
  };
  if (ageMs === 0 || !type.includes("xml")) {
    response.writeHead(statusOf(answer.statusCode ?? 502), passed);
    return pipeline(answer, response);
  }
  const list = (await bodyOf(answer))
    .toString()
    .replaceAll(/(?<=<LastModified>)[^<]+/g, (time) => older(time).toISOString());
  const length = { "content-length": Buffer.byteLength(list) };
  response.writeHead(statusOf(answer.statusCode ?? 502), { ...passed, ...length }).end(list);
}

/** Removes the headers that concern one connection only, and the time by another clock. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, date: ____, ...others } = headers;
  return others;
}

/** Calls of DynamoDB that change nothing. */
const reading = /\.(?:Get|BatchGet|Query|Scan|Describe|List)/;
