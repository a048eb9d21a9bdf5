import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openRuntime } from "@gatepost/embedded";
import { afterEach, describe, expect, it } from "vitest";
import type { Checked } from "../../../packages/cli/src/health/check.ts";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve } from "./support.ts";

const steps = ["key", "connect", "deliver", "read", "pictures", "feed", "bus", "erase", "revoke"];

/** The JSON that a failed command printed, and its text on stderr. */
async function failing(...args: string[]): Promise<{ checked: Checked; said: string }> {
  const { code, stdout, stderr } = await gatepost("check", ...args, "--json");
  expect(code).toBe(1);
  return { checked: JSON.parse(stdout), said: stderr };
}

describe("gatepost check", () => {
  it("sends a report through every part, and leaves no data", async () => {
    const data = await dataFolder();
    const { url, admin, stop } = await serve(data);
    const remote = ["--url", url, "--token", admin];
    const checked = await gatepostJson<Checked>("check", ...remote);
    expect(checked).toMatchObject({ ok: true, url });
    expect(checked.steps.map(({ step, failed }) => [step, failed])).toEqual(steps.map((step) => [step, null]));
    const { keys } = await gatepostJson<{ keys: { box: string | null; revokedAt: string | null }[] }>(
      "keys",
      "list",
      ...remote,
    );
    expect(keys.filter(({ box }) => box === "gatepost-check")).toMatchObject([{ revokedAt: expect.any(String) }]);
    await stop();
    const runtime = await openRuntime({ data });
    expect(await runtime.reads.events.list({}, { limit: 10, cursor: null })).toEqual({ items: [], next: null });
    await runtime.close();
  });

  it("succeeds with a server that runs on a data folder", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const { code, stdout } = await gatepost("check", "--data", data);
    expect([code, stdout.split("\n").at(-2)]).toEqual([0, `${url} works.`]);
    expect(stdout).toMatch(/^ok {6}key, \d+ ms\nok {6}connect, /);
  });

  it("uses a given key, and does not revoke it", async () => {
    const data = await dataFolder();
    const { url, admin } = await serve(data);
    const remote = ["--url", url, "--token", admin];
    const made = ["keys", "create", "--scope", "ingest", "--box", "gatepost-check", ...remote];
    const { token } = await gatepostJson<{ token: string }>(...made);
    for (const _ of [1, 2]) {
      const checked = await gatepostJson<Checked>("check", ...remote, "--ingest-key", token);
      expect(checked.steps.map(({ step }) => step)).toEqual(steps.slice(1, -1));
    }
  });

  it("needs a server", async () => {
    const { code, stderr } = await gatepost("check", "--data", await emptyStore());
    expect(code).toBe(1);
    expect(stderr).toContain("no server runs on this data folder; start it, or give --url");
  });
});

describe("a failed check", () => {
  it("unreadable rules fail the check, and its data is removed", async () => {
    const data = await dataFolder();
    await (await serve(data)).stop();
    await writeFile(join(data, "rules.json"), "{");
    const { url, admin } = await serve(data);
    const remote = ["--url", url, "--token", admin];
    const { checked, said } = await failing(...remote, "--timeout", "1");
    expect(checked.ok).toBe(false);
    expect(said).toMatch(/^gatepost: the check failed: bus: .* its action is pending\n$/);
    expect(checked.steps.slice(-2)).toMatchObject([
      { step: "erase", failed: null },
      { step: "revoke", failed: null },
    ]);
  });

  it("a read key is refused as --ingest-key, and no report is stored", async () => {
    const { url, admin } = await serve(await dataFolder());
    const remote = ["--url", url, "--token", admin];
    const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "read", ...remote);
    const { checked, said } = await failing(...remote, "--ingest-key", token);
    expect(said).toContain("deliver: the report was not taken but answered 403");
    expect(checked.steps.map(({ step }) => step)).toEqual(["connect", "deliver", "erase"]);
  });

  it("a wrong admin key fails the first step", async () => {
    const { url } = await serve(await dataFolder());
    const { checked, said } = await failing("--url", url, "--token", "gpa_none");
    expect(said).toContain("key: ");
    expect(said).toContain("send a live key of scope admin");
    expect(checked.steps.map(({ step }) => step)).toEqual(["key"]);
  });
});

describe("a server that is no Gatepost", () => {
  let stranger: Server | undefined;
  afterEach(() => stranger?.close());

  it("a server that is no Gatepost fails the check", async () => {
    stranger = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger?.once("listening", resolve));
    const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const { said } = await failing("--url", url, "--token", "gpa_none");
    expect(said).toContain(`no Gatepost of this version answers at ${url}`);
  });
});
