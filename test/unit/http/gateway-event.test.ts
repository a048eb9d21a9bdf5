import type { RequestListener } from "node:http";
import { gatewayEvent } from "@gatepost/http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { expect, it } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { listening } from "./support.ts";

/** The event of a raw request without a body. */
async function eventOf(text: string, body?: Buffer): Promise<APIGatewayProxyEventV2> {
  const made = Promise.withResolvers<APIGatewayProxyEventV2>();
  const answer: RequestListener = (asked, response) => {
    made.resolve(gatewayEvent(asked, { ...(body === undefined ? {} : { body }), now: 1_772_366_402_000 }));
    response.end();
  };
  const { port } = await listening(answer);
  await dial(port, text);
  return await made.promise;
}

it("decodes the path and leaves the query as it came, also a question mark in it", async () => {
  const event = await eventOf(headOf("POST", "/gpi_1/%E5%8C%97%20gate?token=a%2Cb?c"));
  expect(event).toMatchObject({
    rawPath: "/gpi_1/北 gate",
    rawQueryString: "token=a%2Cb?c",
    requestContext: { http: { method: "POST", path: "/gpi_1/北 gate", sourceIp: "127.0.0.1" } },
  });
});

it("leaves a path as it came that is no valid percent-encoding", async () => {
  expect(await eventOf(headOf("GET", "/%E0%A4%A/%%%"))).toMatchObject({ rawPath: "/%E0%A4%A/%%%", rawQueryString: "" });
});

it("joins the headers of one name under their lower-case name", async () => {
  const { headers } = await eventOf(headOf("GET", "/", "X-Box: gate-1", "x-box: gate-2", "User-Agent: Java/1.8"));
  expect(headers).toMatchObject({ host: "x", "x-box": "gate-1,gate-2", "user-agent": "Java/1.8" });
});

it("carries the bytes of the body as base64, and none where none is given", async () => {
  const bytes = Buffer.from([0, 0xff, 0xfe]);
  expect(await eventOf(headOf("POST", "/"), bytes)).toMatchObject({ body: "AP/+", isBase64Encoded: true });
  expect(await eventOf(headOf("POST", "/"))).toMatchObject({ body: "", isBase64Encoded: true });
});

it("is of the moment that it was told", async () => {
  const { requestContext } = await eventOf(headOf("GET", "/"));
  expect(requestContext).toMatchObject({ time: "2026-03-01T12:00:02.000Z", timeEpoch: 1_772_366_402_000 });
});
