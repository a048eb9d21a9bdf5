import { seededFor } from "@gatepost/simulator";
import { pick } from "../../../packages/simulator/src/random.ts";
import type { Gate, Refusal } from "../../standins/gate.ts";
import type { Trouble } from "./troubles.ts";

type FailureMode = Pick<Gate, "mode"> & Partial<Pick<Gate, "refusal">>;

/** Ways to fail that need no words of the service. */
const wordless: [FailureMode, ...FailureMode[]] = [{ mode: "down" }, { mode: "silent" }, { mode: "forgetful" }];

/** The errors by which each service reports a failure or throttling. */
const refusals = {
  api: [
    { status: 429, contentType: "application/json", body: '{"message":"Too Many Requests"}' },
    { status: 500, contentType: "application/json", body: '{"message":"Internal Server Error"}' },
    { status: 503, contentType: "application/json", body: '{"message":"Service Unavailable"}' },
  ],
  table: [dynamoError(400, "ProvisionedThroughputExceededException"), dynamoError(500, "InternalServerError")],
  bucket: [s3Error(503, "SlowDown"), s3Error(500, "InternalError")],
  bus: [
    { status: 400, contentType: "application/x-amz-json-1.1", body: '{"__type":"ThrottlingException"}' },
    { status: 500, contentType: "application/x-amz-json-1.1", body: '{"__type":"InternalException"}' },
  ],
} satisfies Record<string, Refusal[]>;

export type Service = keyof typeof refusals;

/** Ways in which a service fails until it is well again. */
const inTurn = 3;

/** A service fails in a few of its possible ways, for all requests or for some. */
export function failureOf(service: Service, gate: Gate, seed: number): Trouble {
  const [random, chances] = [seededFor(seed, service), seededFor(seed, `calls of ${service}`)];
  const failureModes: [FailureMode, ...FailureMode[]] = [
    ...wordless,
    ...refusals[service].map((refusal) => ({ mode: "refusing" as const, refusal })),
  ];
  return async (pause) => {
    for (let turn = 0; turn < inTurn; turn++) {
      const share = 0.5 + random();
      Object.assign(gate, { ...pick(failureModes, random), strikes: () => chances() < share });
      await pause(800);
    }
    gate.mode = "open";
  };
}

function dynamoError(status: number, name: string): Refusal {
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}` });
  return { status, contentType: "application/x-amz-json-1.0", body };
}

function s3Error(status: number, code: string): Refusal {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { status, contentType: "application/xml", body };
}
