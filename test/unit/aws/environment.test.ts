import { type Environment, ingestHandler } from "@gatepost/aws";
import { apiHandler } from "@gatepost/aws/api";
import { awsJobWorker } from "@gatepost/aws/jobs";
import { awsApi, awsReads } from "@gatepost/aws/reads";
import { awsRuntime } from "@gatepost/aws/runtime";
import { describe, expect, it } from "vitest";
import { httpEvent } from "../../support/http-event.ts";

const complete: Environment = {
  GATEPOST_TABLE: "table",
  GATEPOST_BUCKET: "bucket",
  GATEPOST_BUS: "bus",
  GATEPOST_JOBS_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
  GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
  GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
  AWS_REGION: "eu-west-1",
};
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(complete).filter(([name]) => !names.includes(name)));
const ingest = awsRuntime(complete);
const lacks = (faults: string) => new Error(`the environment of this function is not complete: ${faults}`);

describe("a runtime that is made in an environment", () => {
  it("names all missing variables at once", () => {
    expect(() => awsRuntime({})).toThrow(
      lacks("GATEPOST_TABLE is not set, GATEPOST_BUCKET is not set, GATEPOST_BUS is not set"),
    );
  });

  it("names both an empty and an invalid setting", () => {
    expect(() => awsRuntime({ ...complete, GATEPOST_BUS: "", GATEPOST_RETENTION_DAYS: "0.5" })).toThrow(
      lacks("GATEPOST_BUS is not set, GATEPOST_RETENTION_DAYS cannot be used"),
    );
  });

  it.each([
    ["takes reports", awsRuntime, ["GATEPOST_TABLE", "GATEPOST_BUCKET", "GATEPOST_BUS"]],
    ["reads", (env: Environment) => awsReads(ingest, env), ["GATEPOST_TABLE", "GATEPOST_BUCKET"]],
    [
      "answers readers",
      (env: Environment) => awsApi(ingest, env),
      ["GATEPOST_TABLE", "GATEPOST_BUCKET", "GATEPOST_CURSOR_SECRET", "GATEPOST_FACTOR_KEY", "GATEPOST_JOBS_URL"],
    ],
    [
      "does jobs",
      (env: Environment) => awsJobWorker(ingest, env),
      ["GATEPOST_TABLE", "GATEPOST_BUCKET", "GATEPOST_JOBS_URL"],
    ],
  ])("requires only its variables if it %s", (_, make, needed) => {
    for (const name of Object.keys(complete)) {
      const act = () => make(without(name));
      if (needed.includes(name)) expect(act).toThrow(lacks(`${name} is not set`));
      else expect(act).not.toThrow();
    }
  });

  it.each([
    ["GATEPOST_CURSOR_SECRET", Buffer.alloc(31, 7).toString("base64"), (env: Environment) => awsApi(ingest, env)],
    ["GATEPOST_JOBS_URL", "jobs", (env: Environment) => awsApi(ingest, env)],
  ])("rejects an invalid %s without showing it", (name, value, make) => {
    expect(() => make({ ...complete, [name]: value })).toThrow(lacks(`${name} cannot be used`));
  });
});

describe("a function with an incomplete environment", () => {
  const logged = () => {
    const errors: unknown[] = [];
    const log = {
      info() {},
      warn() {},
      error: (message: string, facts?: unknown) => void errors.push([message, facts]),
    };
    return { log, errors };
  };
  const cause = lacks("GATEPOST_TABLE is not set");

  it("answers 503 to each request of a box, and logs the missing variable", async () => {
    const { log, errors } = logged();
    const handler = ingestHandler(() => awsRuntime(without("GATEPOST_TABLE")), log);
    for (let n = 0; n < 2; n++) {
      expect(await handler(httpEvent({ path: "/x" }))).toMatchObject({
        statusCode: 503,
        headers: { "retry-after": "5" },
      });
    }
    expect(errors).toEqual(Array.from({ length: 2 }, () => ["report not stored", { cause }]));
  });

  it("answers 503 to readers, and logs the missing variable", async () => {
    const { log, errors } = logged();
    const handler = apiHandler(() => awsApi(ingest, without("GATEPOST_TABLE")), log);
    const { statusCode, headers, body = "" } = await handler(httpEvent({ path: "/v1/events" }));
    expect([statusCode, headers?.["content-type"]]).toEqual([503, "application/problem+json"]);
    expect(Buffer.from(body, "base64").toString()).not.toContain("GATEPOST");
    expect(errors).toEqual([["request not answered", { cause }]]);
  });
});
