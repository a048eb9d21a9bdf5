import { findKey, hashToken, keyIdOf, newToken } from "@gatepost/core/keys";
import { authenticate } from "@gatepost/receive";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { boxRequest, type Sent } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const admit = (sent: Sent) => authenticate(boxRequest(sent), deps);
const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}` });

describe("a live key", () => {
  it("opens from the path", async () => {
    expect(await admit({ path: `/${token}/HistoryEvent` })).toEqual({ box: "gate-1", path: ["HistoryEvent"] });
  });

  it("is recorded as used after it was accepted, and not if it has another scope", async () => {
    const reading = deps.addKey("read", null);
    await expect(admit({ path: `/${reading}/HistoryEvent` })).rejects.toMatchObject({ kind: "forbidden" });
    await expect(admit({ path: `/${newToken("ingest")}/HistoryEvent` })).rejects.toThrow();
    expect(deps.usedKeys).toEqual([]);
    await admit({ path: `/${token}/HistoryEvent` });
    expect(deps.usedKeys).toEqual([keyIdOf(hashToken(token))]);
  });

  it("opens from the query", async () => {
    expect(await admit({ path: "/HistoryEvent", query: `token=${token}` })).toEqual({
      box: "gate-1",
      path: ["HistoryEvent"],
    });
  });

  it("opens from the query without any path", async () => {
    expect(await admit({ query: `token=${token}` })).toMatchObject({ path: [] });
  });

  it("opens from the user of Basic auth", async () => {
    expect(await admit({ path: "/a/b", headers: basic(token) })).toMatchObject({ box: "gate-1", path: ["a", "b"] });
  });

  it.each([
    ["a trailing comma", (key: string) => `/${key},`],
    ["doubled slashes", (key: string) => `//${key}//`],
  ])("opens with %s", async (_, path) => {
    expect(await admit({ path: path(token) })).toMatchObject({ box: "gate-1", path: [] });
  });

  it("opens from the path despite a query parameter of the box itself", async () => {
    const admission = await admit({ path: `/${token}/HistoryEvent`, query: "token=9f8e7d&dev_sno=AKOPKKKKK" });
    expect(admission).toEqual({ box: "gate-1", path: ["HistoryEvent"] });
  });

  it("opens from the query after a revoked one, which is removed from the path", async () => {
    const revoked = deps.addKey();
    deps.revoke(revoked);
    expect(await admit({ path: `/${revoked}/HistoryEvent`, query: `token=${token}` })).toMatchObject({
      path: ["HistoryEvent"],
    });
    expect(deps.usedKeys).toEqual([keyIdOf(hashToken(token))]);
  });

  it("decides for its box if another live key follows", async () => {
    const other = deps.addKey("ingest", "gate-2");
    expect((await admit({ path: `/${token}/x`, query: `token=${other}` })).box).toBe("gate-2");
  });
});

describe("a request", () => {
  it.each([
    ["without a key", () => ({ path: "/" })],
    ["with an unknown key", () => ({ path: `/${newToken("ingest")}/HistoryEvent` })],
    ["with a key far too long", () => ({ path: `/${"x".repeat(100_000)}/HistoryEvent` })],
  ])("%s is refused with 401", async (_, sent) => {
    await expect(admit(sent())).rejects.toMatchObject({ status: 401 });
  });

  it("is refused with 401 if its key is revoked", async () => {
    deps.revoke(token);
    await expect(admit({ path: `/${token}/HistoryEvent` })).rejects.toMatchObject({ status: 401 });
  });

  it.each(["read", "admin"] as const)(
    "is refused with 403 for a key to %s, and told which key to make",
    async (scope) => {
      const other = deps.addKey(scope, null);
      await expect(admit({ path: `/${other}/HistoryEvent` })).rejects.toMatchObject({
        status: 403,
        message: `this is a key to ${scope}, not to deliver; make one with --scope ingest`,
      });
    },
  );

  it("is refused with 403 for an ingest key without a box", async () => {
    const boxless = deps.addKey("ingest", null);
    await expect(admit({ path: `/${boxless}/HistoryEvent` })).rejects.toMatchObject({ status: 403 });
  });

  it("is never told the key that it used", async () => {
    const unknown = newToken("ingest");
    const refused = await admit({ path: `/${unknown}/HistoryEvent` }).catch((error: Error) => error.message);
    expect(refused).not.toContain(unknown);
  });
});

describe("too many failures from one address", () => {
  const fail = () => admit({ path: `/${newToken("ingest")}` }).catch(({ status }: { status: number }) => status);
  beforeEach(async () => {
    for (let i = 0; i < 30; i++) expect(await fail()).toBe(401);
  });

  it("are refused with 429", async () => {
    expect(await fail()).toBe(429);
  });

  it("never refuse a live key from the same address", async () => {
    await fail();
    expect(await admit({ path: `/${token}/x` })).toMatchObject({ box: "gate-1" });
  });

  it("are forgiven after a minute", async () => {
    deps.now += 60_000;
    expect(await fail()).toBe(401);
  });
});

it("does not count a live key as a failure, however often it is used", async () => {
  for (let i = 0; i < 100; i++) await admit({ path: `/${token}`, query: "token=foreign" });
  await expect(admit({ path: "/unknown" })).rejects.toMatchObject({ status: 401 });
});

describe("an open server", () => {
  beforeEach(() => {
    deps.settings.openBox = "open";
  });

  it("takes a report without a key, and its whole path", async () => {
    expect(await admit({ path: "/EventServer/api/HistoryEvent" })).toEqual({
      box: "open",
      path: ["EventServer", "api", "HistoryEvent"],
    });
  });

  it("takes a report with a token that the box itself added", async () => {
    expect(await admit({ path: "/HistoryEvent", query: "token=9f8e7d" })).toMatchObject({ box: "open" });
  });

  it("recognizes a live key all the same", async () => {
    expect(await admit({ path: `/${token}/HistoryEvent` })).toMatchObject({ box: "gate-1" });
  });

  it("refuses a token that looks like a key but is none", async () => {
    await expect(admit({ path: `/${newToken("ingest")}/HistoryEvent` })).rejects.toMatchObject({ status: 401 });
  });
});

describe("a look-up", () => {
  const looksUp = async (sent: Sent) => {
    const find = vi.spyOn(deps.keys, "find");
    await admit(sent).catch(() => {});
    return find.mock.calls.length;
  };

  it("is made at most three times for a request, however many keys are in it", async () => {
    const query = Array.from({ length: 1000 }, () => `token=${newToken("ingest")}`).join("&");
    expect(await looksUp({ path: `/${token}`, query, headers: basic(newToken("read")) })).toBe(3);
  });

  it("is made once for a key that is repeated a thousand times", async () => {
    expect(await looksUp({ query: `token=${newToken("ingest")}&`.repeat(1000) })).toBe(1);
  });

  it.each([
    ["a word", "foreign"],
    ["a prefix and little behind it", "gpi_short"],
    ["a text longer than any key", `gpi_${"x".repeat(125)}`],
    ["a text with other characters", `gpi_${"x".repeat(30)}.`],
    ["a ticket", `gpt_${"x".repeat(27)}`],
  ])("is not made for %s", async (_, text) => {
    expect(await looksUp({ path: `/${text}`, query: `token=${text}`, headers: basic(text) })).toBe(0);
    expect(await findKey(text, { find: () => Promise.reject(new Error("asked")) })).toBeNull();
  });

  it("is made for a key of the first version, which was shorter", async () => {
    expect(await looksUp({ path: "/gpi_fixtureOfSchemaVersionOne" })).toBe(1);
  });
});
