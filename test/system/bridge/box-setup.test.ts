import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Se3, systemClock, Tally } from "@gatepost/simulator";
import { describe, expect, it } from "vitest";
import { keyOf, yamlOf } from "../../runtime/bridge/support.ts";
import { freePort } from "../../standins/listen.ts";
import { album, atEnd, noFaults, passings, receiver, temporary } from "../../unit/simulator/support.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "../cli/support.ts";
import { bridgeOf } from "./process.ts";

/** An SE3 that has seen a person, and the address of its API. */
async function se3() {
  const box = new Se3({ album, version: "V2R4", faults: noFaults(), watch: new Tally().watch, clock: systemClock });
  const api = await box.serve({ host: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const running = box.run(stop.signal);
  atEnd(async () => {
    stop.abort();
    await running;
    await api.close();
  });
  for (const passing of passings(2)) box.passes(passing);
  return { box, address: `127.0.0.1:${api.port}` };
}

describe("`box setup`", () => {
  async function gatepostServer() {
    const { url, admin } = await serve(await dataFolder());
    return { target: ["--url", url, "--token", admin] };
  }

  it("writes a new key into a box, and waits for its first report", async () => {
    const { target } = await gatepostServer();
    const { box, address } = await se3();
    const done = await gatepostJson("box", "setup", address, "--name", "gate-9", ...target);
    expect(done).toMatchObject({ box: "gate-9", firmware: "V2 to V5R6", heard: true });
    expect(box.settings.realtimeUrls[0]?.pathname).toMatch(/^\/gpi_[\w-]+\/RealTimeEvent$/);
    expect(box.settings).toMatchObject({ realtimeNeedsRegistered: true, realtimeNeedsFace: true });
  });

  it("fails with advice for a box that never reports", async () => {
    const { target } = await gatepostServer();
    const { address } = await se3();
    const deaf = ["--via", (await receiver()).url, "--wait", "1"];
    const { code, stderr } = await gatepost("box", "setup", address, "--name", "gate-9", ...target, ...deaf);
    expect([code, stderr]).toEqual([1, expect.stringContaining("can the box reach")]);
  });

  it("leaves no valid key after a box did not answer", async () => {
    const { target } = await gatepostServer();
    const { code } = await gatepost("box", "setup", `127.0.0.1:${await freePort()}`, "--name", "gate-9", ...target);
    const { keys } = await gatepostJson<{ keys: { box: string; revokedAt: string | null }[] }>(
      "keys",
      "list",
      ...target,
    );
    const ofBox = keys.filter(({ box }) => box === "gate-9").map(({ revokedAt }) => revokedAt);
    expect([code, ofBox]).toEqual([1, [expect.any(String)]]);
  });

  it.each(["127.0.0.1:65536", "http://127.0.0.1", "127.0.0.1:", ""])("takes no address as %j", async (address) => {
    const { target } = await gatepostServer();
    const { code, stderr } = await gatepost("box", "setup", address, "--name", "gate-9", ...target);
    expect([code, stderr]).toEqual([2, "gatepost: give the address of the box as 192.168.1.80\n"]);
  });

  it("wants to know under which name, or behind which bridge", async () => {
    const { code, stderr } = await gatepost("box", "setup", "192.0.2.1");
    expect([code, stderr]).toEqual([2, "gatepost: give the --name of the box, or the --bridge it is behind\n"]);
  });
});

describe("`box setup --bridge`", () => {
  async function bridgeFile({ boxes = ["gate-1"], listen = "" } = {}) {
    const cloud = await receiver(() => 503);
    const [relay, metrics] = [await freePort(), await freePort()];
    const folder = await temporary();
    const file = join(folder, "bridge.yaml");
    const write = (...names: string[]) => {
      const named = Object.fromEntries(names.map((name) => [name, null]));
      const yaml = yamlOf({ cloud: cloud.url, folder: "spool", boxes: named });
      const at = `listen: ${listen || `127.0.0.1:${relay}`}`;
      writeFileSync(
        file,
        yaml.replace("listen: 127.0.0.1:0", at).replace("metrics: 127.0.0.1:0", `metrics: ${metrics}`),
      );
    };
    write(...boxes);
    return { file, write, relay: `http://127.0.0.1:${relay}` };
  }

  it("writes the key of the bridge's file, and waits for the first report", async () => {
    const { file, relay } = await bridgeFile();
    await bridgeOf(file);
    const { box, address } = await se3();
    expect(await gatepostJson("box", "setup", address, "--bridge", file)).toEqual({
      box: "gate-1",
      address,
      firmware: "V2 to V5R6",
      heard: true,
    });
    expect(box.settings.historyUrls.map(String)).toEqual([`${relay}/${keyOf("gate-1")}/HistoryEvent`]);
  });

  it("accepts a box that was just added to the file, and a given address", async () => {
    const { file, write, relay } = await bridgeFile();
    await bridgeOf(file);
    write("gate-1", "gate-2");
    const { box, address } = await se3();
    const via = relay.replace("127.0.0.1", "localhost");
    const asked = ["--bridge", file, "--box", "gate-2", "--via", `${via}/`];
    expect(await gatepostJson("box", "setup", address, ...asked)).toMatchObject({ box: "gate-2", heard: true });
    expect(box.settings.realtimeUrls.map(String)).toEqual([`${via}/${keyOf("gate-2")}/RealTimeEvent`]);
  });

  it("fails without a change of the box if no bridge runs", async () => {
    const { file } = await bridgeFile();
    const { box, address } = await se3();
    const { code, stderr } = await gatepost("box", "setup", address, "--bridge", file);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^gatepost: no bridge answers at [^\n]+; start it first\n$/),
    ]);
    expect(box.settings.historyUrls).toEqual([]);
  });

  it("fails with advice if the box never reports", async () => {
    const { file } = await bridgeFile();
    await bridgeOf(file);
    const { address } = await se3();
    const deaf = ["--via", (await receiver()).url, "--wait", "1"];
    const { code, stdout, stderr } = await gatepost("box", "setup", address, "--bridge", file, ...deaf, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ heard: false })]);
    expect(stderr).toContain("can the box reach");
  });

  it.each([
    ["several boxes and none chosen", { boxes: ["a", "b"] }, [], "say with --box which one"],
    ["a box that is not in it", {}, ["--box", "gate-7"], "has no box gate-7"],
    ["a relay that listens everywhere", { listen: "9528" }, [], "give with --via the address under which"],
    ["a relay on a free port", { listen: "127.0.0.1:0" }, [], "give with --via the address under which"],
    ["a relay for this machine alone", {}, [], "no box reaches the relay at", "192.0.2.1"],
    ["an address that is none", {}, ["--via", "bridge:9528"], "--via must be as"],
    ["a name beside it", {}, ["--name", "x"], "cannot be used with option '--name <name>'"],
  ])("fails and says what to do: %s", async (_, given, more, message, address = "127.0.0.1:1") => {
    const { file } = await bridgeFile(given);
    const { code, stdout, stderr } = await gatepost("box", "setup", address, "--bridge", file, ...more);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(message)]);
  });
});
