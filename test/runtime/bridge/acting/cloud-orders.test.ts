import { describe, expect, it } from "vitest";
import { CloudError, CloudOrders } from "../../../../packages/bridge/src/acting/cloud-orders.ts";
import { listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";

const never = new AbortController().signal;
const problem = "application/problem+json";

/** A cloud that answers everything in one way. */
async function answering(status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const asked: { url: string; authorization: string | undefined }[] = [];
  const { url, close } = await listen((request, response) => {
    asked.push({ url: request.url ?? "", authorization: request.headers.authorization });
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(body);
  });
  atEnd(close);
  return { orders: new CloudOrders(`${url}/`, "gpr_key"), asked, url };
}

describe("the list of the cloud's orders", () => {
  it.each([
    ["a page of a proxy", 200, "text/html", "<html>"],
    ["JSON of somebody else", 200, "application/json", '{"actions":7}'],
    [
      "an order of an unknown kind",
      200,
      "application/json",
      '{"actions":[{"id":"act_1","approval":{"order":"wipe"}}],"next":null}',
    ],
    ["a cut answer", 200, "application/json", '{"actions":['],
    ["a failure of a proxy", 502, "text/html", "bad gateway"],
    ["a failure of Gatepost", 503, problem, '{"detail":"the store is gone"}'],
    ["a key that was revoked", 401, problem, '{"detail":"send a live key"}'],
    ["a key to everything", 403, problem, '{"detail":"a read key of every box sees no removals"}'],
    ["something else", 404, problem, '{"detail":"there is nothing at this address"}'],
  ])("is an error, and asked for again, if %s is received", async (_, status, type, body) => {
    const { orders } = await answering(status, type, body);
    await expect(orders.ordered(never)).rejects.toThrow(CloudError);
    await expect(orders.removals(never)).rejects.toThrow(CloudError);
  });

  it("is read page by page, ten at most, under the key", async () => {
    const { orders, asked } = await answering(200, "application/json", '{"actions":[],"next":"more"}');
    expect(await orders.ordered(never)).toEqual([]);
    expect(asked).toHaveLength(10);
    expect(asked[0]).toEqual({ url: "/v1/actions?approved=1&limit=200", authorization: "Bearer gpr_key" });
    expect(asked[1]?.url).toContain("cursor=more");
  });

  it("reports an address without a server", async () => {
    const orders = new CloudOrders("http://127.0.0.1:1", "gpr_key");
    await expect(orders.ordered(never)).rejects.toThrow(/cannot be asked/);
  });
});

it("the time of an answer is the cloud's, or null without one", async () => {
  const date = "Thu, 05 Nov 2026 04:00:00 GMT";
  let says = true;
  const { url, close } = await listen((_, response) => {
    response.sendDate = false;
    response.writeHead(200, says ? { date } : {}).end('{"removals":[]}');
  });
  atEnd(close);
  const orders = new CloudOrders(url, "gpr_key");
  expect(orders.answeredAt).toBeNull();
  await orders.removals(never);
  expect(orders.answeredAt).toBe(Date.parse(date));
  says = false;
  await orders.removals(never);
  expect(orders.answeredAt).toBeNull();
});

describe("the photo of an action", () => {
  it("is taken up to 5 MB", async () => {
    const { orders } = await answering(200, "image/jpeg", Buffer.alloc(5 * 1024 * 1024));
    expect(await orders.photo("act_1", null, never)).toMatchObject({ state: "ok" });
    const { orders: without } = await answering(200, "image/jpeg", Buffer.alloc(5 * 1024 * 1024 + 1));
    await expect(without.photo("act_1", null, never)).rejects.toThrow(/without end/);
  });

  it("is requested by its SHA-256", async () => {
    const { orders, asked } = await answering(200, "image/jpeg", "photo");
    await orders.photo("act_1", "ab12", never);
    expect(asked.map(({ url }) => url)).toEqual(["/v1/actions/act_1/photo?sha256=ab12"]);
  });

  it("is gone with its event, but not after a foreign 404", async () => {
    const { orders } = await answering(404, problem, '{"detail":"there is no such action"}');
    expect(await orders.photo("act_1", null, never)).toEqual({ state: "gone", reason: "there is no such action" });
    const { orders: between } = await answering(404, "text/html", "not found");
    await expect(between.photo("act_1", null, never)).rejects.toThrow(/is cloud.url right/);
  });

  it("is fetched from the cloud's redirect, without the key", async () => {
    const { asked, url } = await answering(200, "image/jpeg", "photo");
    const { orders } = await answering(302, "text/plain", "", { location: `${url}/elsewhere` });
    expect(await orders.photo("act_1", null, never)).toEqual({ state: "ok", value: Buffer.from("photo") });
    expect(asked).toEqual([{ url: "/elsewhere", authorization: undefined }]);
  });
});

describe("a photo that the redirect's store lacks", () => {
  it("is gone, and is no error of the cloud", async () => {
    const { url } = await answering(404, "application/xml", "<Error><Code>NoSuchKey</Code></Error>");
    const { orders } = await answering(302, "text/plain", "", { location: `${url}/elsewhere` });
    expect(await orders.photo("act_1", null, never)).toMatchObject({ state: "gone" });
  });
});

describe("a report", () => {
  it("has its reason shortened to the cloud's limit", async () => {
    const said: unknown[] = [];
    const { url, close } = await listen((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        said.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.end("{}");
      });
    });
    atEnd(close);
    const orders = new CloudOrders(url, "gpr_key");
    const reason = `${"名".repeat(199)}🙂 and more`;
    await orders.reportRemoval("rem_1", { state: "failed", reason }, never);
    await orders.report("act_1", { number: 1, boxes: [{ box: "gate-1", state: "failed", reason }] }, never);
    const shown = `${"名".repeat(199)}\ufffd`;
    expect(said).toEqual([
      { state: "failed", note: shown },
      { state: "failed", approval: 1, boxes: [{ box: "gate-1", state: "failed", reason: shown }] },
    ]);
  });

  it("is not sent again after a refusal, and escapes the id in the path", async () => {
    const { orders, asked } = await answering(409, problem, '{"detail":"something else was ordered"}');
    const boxes = [{ box: "gate-1", state: "done" as const, reason: null }];
    expect(await orders.report("../keys", { number: 1, boxes }, never)).toEqual({
      state: "refused",
      reason: "something else was ordered",
    });
    expect(asked[0]?.url).toBe("/v1/actions/..%2Fkeys");
  });
});
