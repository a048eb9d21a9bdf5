import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

/** Failures of one address that are answered 401, before it is answered 429. */
const maxFailures = 30;

const formless = [
  "x",
  "gpi_short",
  `gpi_${"x".repeat(200)}`,
  `key_${"x".repeat(27)}`,
  "gpi_%zz".repeat(5),
  "小".repeat(30),
];

onStandIns((standIns) => {
  describe("a token that is no key", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    /** Another process on the same table. */
    const another = () => runtimeOn({ fresh: async () => deps });
    const doors = {
      "where boxes post": async (token: string, { ingest }: TestRuntime) =>
        (await deliver("{}", { token: encodeURIComponent(token), ports: ingest })).statusCode,
      "at the API": async (token: string, { reads }: TestRuntime) => {
        const authorization = Buffer.from(`Bearer ${token}`).toString("latin1");
        const asked = httpEvent({ method: "GET", path: "/v1/keys", headers: { authorization } });
        return (await apiHandler(() => reads)(asked)).statusCode;
      },
    };

    describe.each(Object.keys(doors) as (keyof typeof doors)[])("%s", (door) => {
      it("is not looked up if it has no key's form", async () => {
        const calls = countCalls(deps.clients);
        for (const token of formless) expect(await doors[door](token, deps)).toBe(401);
        expect(calls).toEqual({});
      });

      it("costs few reads if it has a key's form, and none again for ten seconds", async () => {
        const calls = countCalls(deps.clients);
        const token = newToken("ingest");
        for (let tried = 0; tried < 3; tried++) expect(await doors[door](token, deps)).toBe(401);
        expect(calls).toEqual({ BatchGetItemCommand: 1, ...(door === "at the API" ? { GetItemCommand: 1 } : {}) });
      });

      it("is counted by each process for itself, without a write", async () => {
        const calls = countCalls(deps.clients);
        for (let tried = 0; tried < maxFailures; tried++) await doors[door]("guess", deps);
        expect(await doors[door]("guess", deps)).toBe(429);
        expect(await doors[door]("guess", await another())).toBe(401);
        expect(calls).toEqual({});
      });
    });
  });

  describe("a terminal whose serial no key lists", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(() => deps.close());

    const ask = async (serial: string, address: string, { ingest }: TestRuntime) => {
      const event = httpEvent({ method: "GET", path: "/iclock/getrequest", query: `SN=${serial}`, address });
      return (await ingestHandler(() => ingest)(event)).body;
    };
    const wanting = async ({ reads }: TestRuntime) => {
      const { scope, box, token } = { scope: "admin", box: null, token: newToken("admin") } as const;
      await reads.keyAdmin.create({ scope, box, tokenHash: hashToken(token) });
      const headers = { authorization: `Bearer ${token}` };
      const event = httpEvent({ method: "GET", path: "/v1/unknown-terminals", headers });
      const { body = "", isBase64Encoded } = await apiHandler(() => reads)(event);
      return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString() : body);
    };

    it("is listed by another process until a key lists it", async () => {
      const other = await runtimeOn({ fresh: async () => deps });
      expect(await ask("SN1", "198.51.100.7", other)).toBe("ERROR\n");
      expect(await wanting(deps)).toMatchObject({ terminals: [{ serial: "SN1", from: "198.51.100.7", count: 1 }] });
      const key = { scope: "ingest", box: "gate-1", tokenHash: hashToken("t"), serials: ["SN1"] } as const;
      await deps.reads.keyAdmin.create(key);
      expect(await wanting(deps)).toEqual({ terminals: [] });
    });

    it("costs a read, and two writes a minute however many there are", async () => {
      const calls = countCalls(deps.clients);
      for (let number = 0; number < 300; number += 1) await ask(`X${number}`, `198.51.100.${number % 200}`, deps);
      expect(calls).toEqual({ BatchGetItemCommand: 301, UpdateItemCommand: 1 });
    });

    it("is answered alike while it cannot be noted, and noted with a later one", async () => {
      before(deps.clients.dynamo, "UpdateItemCommand", "unknown-terminals", () => Promise.reject(new Error("no")));
      expect(await ask("SN1", "198.51.100.7", deps)).toBe("ERROR\n");
      deps.setClock(noon + 30_000);
      expect(await ask("SN2", "198.51.100.7", deps)).toBe("ERROR\n");
      expect(await wanting(deps)).toMatchObject({ terminals: [{ serial: "SN2" }, { serial: "SN1" }] });
    });
  });
});
