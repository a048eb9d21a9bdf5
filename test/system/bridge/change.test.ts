import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { keyOf, yamlOf } from "../../runtime/bridge/support.ts";
import { receiver, temporary, until } from "../../unit/simulator/support.ts";
import { bridgeOf } from "./process.ts";

const post = async (url: string) => (await fetch(url, { method: "POST", body: "{}" })).status;

it("`bridge run` accepts a box added to its file, and ignores a faulty file", async () => {
  const cloud = await receiver();
  const folder = await temporary();
  const file = join(folder, "bridge.yaml");
  const write = (...boxes: string[]) =>
    writeFileSync(
      file,
      yamlOf({ cloud: cloud.url, folder: "spool", boxes: Object.fromEntries(boxes.map((box) => [box, null])) }),
    );
  write("gate-1");
  const bridge = await bridgeOf(file);
  const relay = (box: string) => `http://127.0.0.1:${bridge.relayPort}/${keyOf(box)}/HistoryEvent`;
  write("gate-1", "gate-2");
  await until(async () => (await post(relay("gate-2"))) === 200);
  writeFileSync(file, "boxes: [");
  await until(() => bridge.log().includes("could not use the changed configuration, keeping the last valid one"));
  expect(await post(relay("gate-2"))).toBe(200);
  const { code, stderr } = await bridge.stop();
  expect([code, stderr]).toEqual([0, expect.stringMatching(/bridge\.yaml, line 1: /)]);
});
