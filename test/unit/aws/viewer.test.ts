import { Factors, givenFactorKey } from "@gatepost/core/factors";
import { expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { edgeHeaders, viewerAddress } from "../../../packages/aws/src/lambda/viewer.ts";
import { httpEvent } from "../../support/http-event.ts";
import { runtime } from "../api/support.ts";

const known = Buffer.alloc(24, 7).toString("base64");
const edge = "192.0.2.1";

function addressOf(secret: string, viewer: string): string {
  const headers = { [edgeHeaders.secret]: secret, [edgeHeaders.viewer]: viewer };
  return viewerAddress(httpEvent({ path: "/v1/me", headers, address: edge }), known);
}

it.each(["198.51.100.7", "2001:db8::7"])("a client behind the distribution has its own address: %s", (viewer) => {
  expect(addressOf(known, viewer)).toBe(viewer);
});

it.each([
  ["no secret", "", "198.51.100.7"],
  ["another secret", `${known.slice(0, -1)}x`, "198.51.100.7"],
  ["a part of the secret", known.slice(0, 8), "198.51.100.7"],
  ["what is no address", known, "somewhere"],
])("a client that sends %s has the one that the gateway sees", (_, secret, viewer) => {
  expect(addressOf(secret, viewer)).toBe(edge);
});

it("a client without a header or known secret has the address that the gateway sees", () => {
  expect(viewerAddress(httpEvent({ path: "/v1/me", address: edge }), known)).toBe(edge);
  const headers = { [edgeHeaders.viewer]: "198.51.100.7" };
  expect(viewerAddress(httpEvent({ path: "/v1/me", headers, address: edge }), undefined)).toBe(edge);
});

it.each([
  ["the distribution", known, [true, "https://gate.example.com"]],
  ["a client that names another host", "", [false, null]],
])("passkeys are at the address that the client asked for: by %s", async (_, secret, expected) => {
  const { deps, ingest } = await runtime();
  const [key, clock] = [givenFactorKey(Buffer.alloc(32, 7)), () => ingest.now];
  deps.factors = new Factors({ items: ingest.items, key, host: null, log: ingest.log, clock, believed: clock });
  const answer = apiHandler(() => ({ ...deps, edgeSecret: known }));
  const headers = {
    host: "api.execute.example",
    [edgeHeaders.secret]: secret,
    [edgeHeaders.host]: "gate.example.com",
  };
  const { body = "" } = await answer(httpEvent({ method: "GET", path: "/v1/sign-in", headers }));
  const { passkeys, passkeysAt } = JSON.parse(Buffer.from(body, "base64").toString());
  expect([passkeys, passkeysAt]).toEqual(expected);
});
