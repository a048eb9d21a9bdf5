import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Listening, listen } from "../../standins/listen.ts";
import { httpApi } from "./http-api.ts";
import { Lambda, TimedOut } from "./lambda.ts";
import { dynamoAccesses, isAllowed, s3Access } from "./permissions.ts";
import { match, type Route } from "./route.ts";

let root: string;
const lambdas: Lambda[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "gatepost-parts-"));
});
afterEach(async () => {
  for (const lambda of lambdas.splice(0)) await lambda.close();
  await rm(root, { recursive: true });
});

/** A function of one file. */
async function lambdaOf(code: string, timeout = 10): Promise<Lambda> {
  const folder = join(root, "task");
  await mkdir(folder);
  await writeFile(join(folder, "bundle.mjs"), code);
  const options = { name: "probe", handler: "bundle.handler", folder, timeout, environment: {}, log: () => {} };
  const lambda = new Lambda(options);
  lambdas.push(lambda);
  return lambda;
}

describe("a rehearsed function", () => {
  it("can read nothing beside its own archive", async () => {
    await writeFile(join(root, "beside"), "secret");
    const lambda = await lambdaOf(`
      import { readFileSync } from "node:fs";
      const read = (file) => { try { return readFileSync(file, "utf8").length > 0; } catch ({ code }) { return code; } };
      export const handler = (files) => files.map(read);
    `);
    const files = [join(root, "task/bundle.mjs"), join(root, "beside"), import.meta.filename];
    expect(await lambda.invoke(files)).toEqual([true, "ERR_ACCESS_DENIED", "ERR_ACCESS_DENIED"]);
  });

  it("has the environment of its graph alone", async () => {
    const lambda = await lambdaOf("export const handler = () => process.env.PATH ?? null;");
    expect(await lambda.invoke({})).toBeNull();
  });

  it("keeps its memory from one invocation to the next", async () => {
    const lambda = await lambdaOf("let count = 0; export const handler = () => ++count;");
    expect([await lambda.invoke({}), await lambda.invoke({})]).toEqual([1, 2]);
  });

  it("is killed after its timeout, and the next invocation starts a new process", async () => {
    const code = "let count = 0; export const handler = (waits) => (count++, waits ? new Promise(() => {}) : count);";
    const lambda = await lambdaOf(`setInterval(() => {}, 1000); ${code}`, 0.5);
    await expect(lambda.invoke(true)).rejects.toBeInstanceOf(TimedOut);
    expect(await lambda.invoke(false)).toBe(1);
  });
});

describe("a rehearsed HTTP API", () => {
  const routes: Route[] = ["POST /{token}/a", "POST /{token}/b/c", "ANY /v1/{proxy+}", "GET /v1/x", "$default"].map(
    (key) => ({ key, lambda: key }),
  );
  const led = (method: string, path: string) => {
    const matched = match(routes, method, path);
    return [matched?.route.key, matched?.parameters];
  };

  it.each([
    ["POST", "/key/a", "POST /{token}/a", { token: "key" }],
    ["POST", "/key/b/c", "POST /{token}/b/c", { token: "key" }],
    ["GET", "/key/a", "$default", {}],
    ["POST", "/key/a/", "$default", {}],
    ["POST", "//key/a", "$default", {}],
    ["GET", "/v1/x", "GET /v1/x", {}],
    ["POST", "/v1/x", "ANY /v1/{proxy+}", { proxy: "x" }],
    ["GET", "/v1/x/y", "ANY /v1/{proxy+}", { proxy: "x/y" }],
    ["GET", "/v1", "$default", {}],
  ])("leads %s %s by %s", (method, path, key, parameters) => {
    expect(led(method, path)).toEqual([key, parameters]);
  });

  describe("hands over", () => {
    let served: Listening;
    beforeEach(async () => {
      const echo = await lambdaOf(
        "export const handler = (event) => ({ statusCode: 200, body: JSON.stringify(event) });",
      );
      served = await listen(httpApi([{ key: "$default", lambda: "echo" }], new Map([["echo", echo]])));
    });
    afterEach(() => served.close());
    const send = async (path: string, body: string, headers: Record<string, string>) =>
      (await (await fetch(served.url + path, { method: "POST", body, headers })).json()) as APIGatewayProxyEventV2;

    it.each([
      ["application/json", false],
      ["application/json; charset=utf-8", false],
      ["text/plain", false],
      ["application/x-www-form-urlencoded", true],
      ["multipart/form-data; boundary=x", true],
      ["application/octet-stream", true],
      ["application/json-patch+json", true],
      ["application/x-ndjson", true],
    ])("a body of %s as base64: %s", async (type, isBase64Encoded) => {
      const event = await send("/", "门", { "content-type": type });
      expect(event).toMatchObject({ isBase64Encoded, body: isBase64Encoded ? "6Zeo" : "门" });
    });

    it("path, query and headers as payload 2.0 has them", async () => {
      const event = await send("/a%20b?x=1&x=2", "{}", { "content-type": "application/json", "X-Upper": "Y" });
      expect(event).toMatchObject({
        version: "2.0",
        rawPath: "/a b",
        rawQueryString: "x=1&x=2",
        headers: { "x-upper": "Y" },
        requestContext: { http: { method: "POST", path: "/a b", sourceIp: "127.0.0.1" } },
      });
    });

    it("nothing of an incomplete request, and keeps running", async () => {
      const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
      await once(socket, "connect");
      // Ten turns let the head be read: without its head it would be no request at all.
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      socket.destroy();
      await once(socket, "close");
      expect(await send("/", "1", { "content-type": "text/plain" })).toMatchObject({ body: "1" });
    });

    it("nothing that is larger than an event may be", async () => {
      const large = async (body: string) =>
        (await fetch(served.url, { method: "POST", body, headers: { "content-type": "text/plain" } })).status;
      expect(await large("x".repeat(6 * 1024 * 1024))).toBe(413);
      // A quote has two bytes in the event, and four in the answer that repeats it.
      expect(await large('"'.repeat(2 * 1024 * 1024))).toBe(500);
      expect(await large('"'.repeat(1024 * 1024))).toBe(200);
    });

    it("nothing whose head is larger than API Gateway takes", async () => {
      const asked = async (path: string, header: string) =>
        (await fetch(served.url + path, { headers: { "x-long": header } })).status;
      expect(await asked("/", "x".repeat(9000))).toBe(200);
      expect(await asked("/", "x".repeat(10_240))).toBe(431);
      expect(await asked(`/${"x".repeat(10_240)}`, "")).toBe(431);
    });
  });
});

describe("the permissions of a role", () => {
  const table = "arn:aws:dynamodb:eu-west-1:123456789012:table/t";
  const statements = [
    { Action: ["dynamodb:Query"], Resource: [`${table}/index/byBox`] },
    { Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/pictures/*"] },
  ];
  const mayAll = (accesses: ReturnType<typeof dynamoAccesses>) =>
    accesses.every((access) => isAllowed(statements, access));

  it("match action and resource exactly", () => {
    const query = (IndexName: string) => dynamoAccesses("DynamoDB_20120810.Query", { TableName: "t", IndexName });
    expect([mayAll(query("byBox")), mayAll(query("byTime"))]).toEqual([true, false]);
    expect(mayAll(dynamoAccesses("DynamoDB_20120810.BatchGetItem", { RequestItems: { t: {} } }))).toBe(false);
  });

  it("end at the prefix of a bucket", () => {
    const accesses = [
      s3Access("GET", "/b/pictures/2026-11/x"),
      s3Access("GET", "/b/quarantine/x"),
      s3Access("PUT", "/b/pictures/x"),
    ];
    expect(accesses.map((access) => isAllowed(statements, access))).toEqual([true, false, false]);
  });

  it("allow a list only under the prefix of a condition", () => {
    const Condition = { StringLike: { "s3:prefix": ["exports/*"] } };
    const listing = [{ Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::b"], Condition }];
    const may = (query: string) => isAllowed(listing, s3Access("GET", "/b/", new URLSearchParams(query)));
    expect([may("prefix=exports/x"), may("prefix=pictures/"), may(""), may("uploads&prefix=exports/x")]).toEqual([
      ...[true, false, false, false],
    ]);
  });

  describe("and denies:", () => {
    const denied = [
      { Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"], Resource: [table] },
      {
        Effect: "Deny" as const,
        Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
        Resource: [table],
        Condition: { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["key_*"] } },
      },
    ];
    const may = (operation: string, body: Record<string, unknown>) =>
      dynamoAccesses(`DynamoDB_20120810.${operation}`, body).every((access) => isAllowed(denied, access));
    const pk = (S: string) => ({ pk: { S } });

    it("rows by a condition on the keys in a call", () => {
      expect(may("PutItem", { TableName: "t", Item: pk("evt_1") })).toBe(true);
      expect(may("PutItem", { TableName: "t", Item: pk("key_1") })).toBe(false);
      expect(may("UpdateItem", { TableName: "t", Key: pk("used key_1") })).toBe(true);
      expect(may("UpdateItem", { TableName: "t", Key: pk("key_1") })).toBe(false);
    });

    it("a batch of which one row is denied", () => {
      const batch = (...ids: string[]) => ({
        RequestItems: { t: ids.map((id) => ({ PutRequest: { Item: pk(id) } })) },
      });
      expect([may("BatchWriteItem", batch("evt_1")), may("BatchWriteItem", batch("evt_1", "key_1"))]).toEqual([
        true,
        false,
      ]);
    });

    it("every access under a condition that is not implemented here", () => {
      const Condition = { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } };
      const unknown = [{ Action: ["dynamodb:PutItem"], Resource: [table], Condition }];
      const [access] = dynamoAccesses("DynamoDB_20120810.PutItem", { TableName: "t", Item: pk("evt_1") });
      expect(() => access && isAllowed(unknown, access)).toThrow(/not rehearsed: IpAddress/);
    });
  });
});
