import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { yamlOf } from "../../runtime/bridge/support.ts";
import { listen } from "../../standins/listen.ts";
import { atEnd, temporary } from "../../unit/simulator/support.ts";
import { gatepost, gatepostProcess } from "../cli/support.ts";

describe("A bridge that cannot start says what to change:", () => {
  it.each(["relay.listen", "metrics"])("%s, if another program has the port", async (setting) => {
    const other = await listen((_, response) => response.end());
    atEnd(other.close);
    const folder = await temporary();
    const file = join(folder, "bridge.yaml");
    const yaml = yamlOf({ cloud: "http://127.0.0.1:9", folder: "spool", boxes: { "gate-1": null } });
    const key = `${setting.split(".").at(-1)}: 127.0.0.1:`;
    writeFileSync(file, yaml.replace(`${key}0`, `${key}${new URL(other.url).port}`));
    const { code, stderr } = await gatepostProcess("bridge", "run", "--config", file);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^gatepost: ${setting}: listen EADDRINUSE[^\\n]+; give another port`, "m"));
  });

  it("spool.folder, if it cannot be made", async () => {
    const folder = await temporary();
    const file = join(folder, "bridge.yaml");
    writeFileSync(file, yamlOf({ cloud: "http://127.0.0.1:9", folder: "bridge.yaml", boxes: { "gate-1": null } }));
    const { code, stderr } = await gatepostProcess("bridge", "run", "--config", file);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatepost: spool\.folder: [^\n]+; give one that/)]);
  });
});

it("`bridge status` reports an answer of another program in the bridge's place", async () => {
  const other = await listen((_, response) => response.end("[]"));
  atEnd(other.close);
  const file = join(await temporary(), "bridge.yaml");
  const yaml = yamlOf({ cloud: "http://127.0.0.1:9", folder: "spool", boxes: { "gate-1": null } });
  writeFileSync(file, yaml.replace("metrics: 127.0.0.1:0", `metrics: ${new URL(other.url).port}`));
  const { code, stderr } = await gatepost("bridge", "status", "--config", file);
  expect([code, stderr]).toEqual([1, expect.stringContaining("is no bridge of this version")]);
});

it("`bridge status` names the boxes that receive no orders", async () => {
  const keyProblem = "acting.token does not see lobby: it receives no orders for them";
  const acting = { mode: "review", waiting: 2, lastError: null, keyProblem };
  const status = JSON.stringify({ running: true, unadmitted: null, acting, boxes: [] });
  const running = await listen((_, response) => response.end(status));
  atEnd(running.close);
  const file = join(await temporary(), "bridge.yaml");
  const yaml = yamlOf({ cloud: "http://127.0.0.1:9", folder: "spool", boxes: { "gate-1": null } });
  writeFileSync(file, yaml.replace("metrics: 127.0.0.1:0", `metrics: ${new URL(running.url).port}`));
  const { stdout } = await gatepost("bridge", "status", "--config", file);
  expect(stdout).toContain(`Acting on boxes (review): 2 orders wait.\n${keyProblem}\n`);
});
