import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { frameAncestor, serve } from "@gatepost/embedded";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConsolePage } from "../../../packages/embedded/src/http/console-page.ts";
import { temporaryRuntime } from "./temporary.ts";

let folder: string;
const script = "const answer = 42;\n".repeat(50);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>Gatepost</title>");
  writeFileSync(join(folder, "assets", "index-Ab3_d-9Z.js"), script);
  writeFileSync(join(folder, "assets", "icon.png"), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  writeFileSync(join(folder, "assets", "notes.txt"), "not for anybody");
  writeFileSync(join(folder, "secret.json"), "{}");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const text = (body: string | Uint8Array | undefined) => Buffer.from(body ?? "").toString();

it("serves the page at the root, which browsers revalidate each time", () => {
  const page = new ConsolePage(folder);
  expect(page.isBuilt).toBe(true);
  const answer = page.find("/");
  expect(text(answer?.body)).toContain("<title>Gatepost</title>");
  expect(answer?.headers["cache-control"]).toBe("no-cache");
});

it("may be framed at /screen alone, and only by the named origins", () => {
  const page = new ConsolePage(folder, ["https://home.example", "http://hass.local:8123"]);
  const policyOf = (path: string) => page.find(path)?.headers["content-security-policy"];
  expect(policyOf("/screen")).toMatch(/; frame-ancestors https:\/\/home\.example http:\/\/hass\.local:8123;/);
  expect(policyOf("/")).toContain("; frame-ancestors 'none';");
  expect(new ConsolePage(folder).find("/screen")).toBeNull();
});

it.each([
  ["https://home.example", "https://home.example"],
  ["http://192.168.1.10:8123/", "http://192.168.1.10:8123"],
  ["http://[fd00::1]:8123", "http://[fd00::1]:8123"],
  ["http://hass:8123", "http://hass:8123"],
  ["http://HomeAssistant.local", "http://homeassistant.local"],
  ["http://home.example", null],
  ["http://8.8.8.8", null],
  ["https://home.example/lovelace", null],
  ["https://u@home.example", null],
  ["https://*.example", null],
  ["https://a.example; script-src *", null],
  ["'self'", null],
  ["*", null],
  ["data:", null],
])("an origin %s that may frame it is %s", (text, origin) => {
  expect(frameAncestor(text)).toBe(origin);
});

it("lets browsers keep only files with a hash in their names", () => {
  const page = new ConsolePage(folder);
  const { headers } = page.find("/assets/index-Ab3_d-9Z.js") ?? expect.fail("no script");
  expect([headers["content-type"], headers["cache-control"]]).toEqual([
    "text/javascript; charset=utf-8",
    "public, max-age=31536000, immutable",
  ]);
  expect(page.find("/assets/icon.png")?.headers).toMatchObject({
    "content-type": "image/png",
    "cache-control": "no-cache",
  });
});

it("lets browsers keep no service worker", () => {
  writeFileSync(join(folder, "sw.js"), script);
  const { headers } = new ConsolePage(folder).find("/sw.js") ?? expect.fail("no service worker");
  expect([headers["content-type"], headers["cache-control"]]).toEqual(["text/javascript; charset=utf-8", "no-store"]);
});

it("sends compressed text to browsers that accept it", () => {
  const page = new ConsolePage(folder);
  const packed = page.find("/assets/index-Ab3_d-9Z.js", "br, gzip;q=0.8") ?? expect.fail("no script");
  expect(packed.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(packed.body).toString()).toBe(script);
  const plain = page.find("/assets/index-Ab3_d-9Z.js", "br") ?? expect.fail("no script");
  expect([plain.headers["content-encoding"], text(plain.body)]).toEqual([undefined, script]);
});

it("allows only content of the server itself, no frame, and no script from text", () => {
  expect(new ConsolePage(folder).find("/")?.headers).toMatchObject({
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
});

it.each([
  "/assets/notes.txt",
  "/secret.json",
  "/index.html",
  "/assets/",
  "/assets",
  "/assets/../secret.json",
  "/assets/%2e%2e/index.html",
  "/assets/index-Ab3_d-9Z.js/",
  "//assets/icon.png",
  "/__proto__",
  "",
  "/?token=gpi_nothing",
])("has no file at %j", (path) => {
  expect(new ConsolePage(folder).find(path)).toBeNull();
});

it("follows no link in its folder", () => {
  symlinkSync(join(folder, "secret.json"), join(folder, "assets", "out.svg"));
  expect(new ConsolePage(folder).find("/assets/out.svg")).toBeNull();
});

describe("on a server", () => {
  const isHere = new ConsolePage().isBuilt || process.env["GATEPOST_REQUIRE_ALL"] === "1";
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const start = async (options: { publicUrl?: string } = {}) => {
    const { runtime, close } = await temporaryRuntime();
    const served = await serve(runtime, { host: "127.0.0.1", port: 0, ...options });
    closers.push(close, () => served.close());
    return `http://127.0.0.1:${served.port}`;
  };

  it.skipIf(!isHere)("is at the root, with all files that it names", async () => {
    const url = await start();
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const named = [...(await page.text()).matchAll(/(?:href|src)="\.(\/[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(3);
    for (const path of named) expect((await fetch(url + path)).status).toBe(200);
  });

  it.skipIf(!isHere)("is there for a person who signs in to a proxy before it", async () => {
    const url = await start();
    const headers = { authorization: `Basic ${Buffer.from("alice:secret").toString("base64")}` };
    const page = await fetch(url, { headers });
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect((await fetch(`${url}/`, { headers: { authorization: "Bearer gpa_nothing" } })).status).toBe(401);
  });

  it.skipIf(!isHere)("is at the root with any query but a key", async () => {
    const url = await start({ publicUrl: "https://example.com/gate" });
    for (const path of ["/?a=1", "/gate/?a=1", "/gate?from=2026-01-01&utm=x", "/?"]) {
      const page = await fetch(url + path);
      expect([path, page.status, page.headers.get("content-type")]).toEqual([path, 200, "text/html; charset=utf-8"]);
    }
    for (const path of ["/?a=1&token=gpi_nothing", "/gate/?token=gpi_nothing", "/gate?token="])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 401]);
  });

  it("keeps the query of an address without a slash at its end", async () => {
    const url = await start({ publicUrl: "https://example.com/gate" });
    for (const query of ["", "?a=1&b=%2F"]) {
      const { status, headers } = await fetch(`${url}/gate${query}`, { redirect: "manual" });
      expect([status, headers.get("location")]).toEqual([308, `/gate/${query}`]);
    }
  });

  it("leaves a key at the root and its paths to boxes", async () => {
    const url = await start();
    const asked = (init: RequestInit, path = "/") => fetch(url + path, init).then(({ status }) => status);
    expect(await asked({ method: "POST", body: "{}" })).toBe(401);
    expect(await asked({ headers: { authorization: "Basic Z3BpX25vdGhpbmc6" } })).toBe(401);
    expect(await asked({}, "/?token=gpi_nothing")).toBe(401);
    expect(await asked({}, "/assets/../front.ts")).toBe(401);
    expect(await asked({}, "/assets/other.js")).toBe(404);
  });
});

describe("a console that cannot be sent", () => {
  it("has no page if it was not built", () => {
    const page = new ConsolePage(join(folder, "none"));
    expect([page.isBuilt, page.find("/")]).toEqual([false, null]);
  });

  it("refuses a folder that is not the page: too many files, or too large", () => {
    writeFileSync(join(folder, "assets", "large.png"), Buffer.alloc(16 * 1024 * 1024));
    expect(() => new ConsolePage(folder)).toThrow(/bytes, so it is not the console/);
    for (let n = 0; n < 500; n++) writeFileSync(join(folder, "assets", `${n}.svg`), "");
    expect(() => new ConsolePage(folder)).toThrow(/over 500 files/);
  });
});
