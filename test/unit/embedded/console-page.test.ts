import { serve } from "@gatepost/embedded";
import { afterEach, describe, expect, it } from "vitest";
import { temporaryRuntime } from "./temporary.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start() {
  const { runtime, close } = await temporaryRuntime();
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  closers.push(close, () => served.close());
  return `http://127.0.0.1:${served.port}`;
}

describe("the page for people", () => {
  it("is at the root, with all that it names, and lets nothing foreign in", async () => {
    const url = await start();
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    const named = [...(await page.text()).matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path);
    expect(named).toHaveLength(2);
    for (const path of named) expect((await fetch(url + path)).status).toBe(200);
  });

  it("does not stand in the way of a key at the root, nor of anything beside it", async () => {
    const url = await start();
    const asked = (init: RequestInit, path = "/") => fetch(url + path, init).then(({ status }) => status);
    expect(await asked({ method: "POST", body: "{}" })).toBe(401);
    expect(await asked({ headers: { authorization: "Basic Z3BpX25vdGhpbmc6" } })).toBe(401);
    expect(await asked({}, "/?token=gpi_nothing")).toBe(401);
    expect(await asked({}, "/assets/../front.ts")).toBe(401);
    expect(await asked({}, "/assets/other.js")).toBe(404);
  });
});
