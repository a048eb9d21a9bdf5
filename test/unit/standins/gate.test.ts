import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Gate, gateBefore } from "../../standins/gate.ts";
import { bodyOf, type Listening, listen } from "../../standins/listen.ts";

describe("a gate", () => {
  let service: Listening;
  let gate: Gate;
  let arrived: number;
  let heard: string[];
  beforeEach(async () => {
    [arrived, heard] = [0, []];
    service = await listen(async (incoming, outgoing) => {
      arrived += 1;
      heard.push((await bodyOf(incoming)).toString());
      outgoing.end("done");
    });
    gate = await gateBefore(service.url);
  });
  afterEach(async () => {
    await gate.close();
    await service.close();
  });
  const post = (body: string) => fetch(gate.url, { method: "POST", body });

  it("an open gate lets a request through, and reports its waiting time", async () => {
    const waited = new Promise((resolve) => {
      gate.took = (from, until) => resolve(until >= from);
    });
    expect(await (await post("a")).text()).toBe("done");
    expect(await waited).toBe(true);
    expect(heard).toEqual(["a"]);
  });

  it("a forgetful gate does the work and loses the answer", async () => {
    gate.mode = "forgetful";
    await expect(post("a")).rejects.toThrow("fetch failed");
    expect(heard).toEqual(["a"]);
  });

  it("a gate that is down or refuses does nothing", async () => {
    gate.mode = "down";
    await expect(post("a")).rejects.toThrow("fetch failed");
    Object.assign(gate, { mode: "refusing", refusal: { status: 429, contentType: "text/plain", body: "too much" } });
    const refused = await post("b");
    expect([refused.status, await refused.text()]).toEqual([429, "too much"]);
    expect([heard, gate.held]).toEqual([[], 2]);
  });

  it("a gate may fail some requests and let others through", async () => {
    const strikes = [true, false, true];
    Object.assign(gate, { mode: "refusing", strikes: () => strikes.shift() });
    const answers = [await post("a"), await post("b"), await post("c")];
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 503]);
    expect(heard).toEqual(["b"]);
  });

  it("a gate does not pass on a request that was cut off", async () => {
    const cut = request(gate.url, { method: "POST", headers: { "content-length": 100 } });
    const closed = new Promise((resolve) => cut.once("close", resolve));
    cut.on("error", () => {}).write("half", () => cut.destroy());
    await closed;
    await post("whole");
    expect([arrived, heard]).toEqual([1, ["whole"]]);
  });
});
