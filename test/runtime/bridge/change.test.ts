import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, parseConfig } from "@gatepost/bridge";
import { expect, it, vi } from "vitest";
import { ConfigFile } from "../../../packages/bridge/src/config/file.ts";
import { receiver, temporary, until } from "../../unit/simulator/support.ts";
import { keyOf, running, se5Of, type Written, yamlOf } from "./support.ts";

const post = async (url: string, body = "{}") => (await fetch(url, { method: "POST", body })).status;

/** A bridge, and a way to give it another file. */
async function changeable(written: Omit<Written, "folder">) {
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const bridge = await running(written, { log });
  const change = (changes: Partial<Written>) =>
    bridge.change(parseConfig(yamlOf({ ...written, folder: bridge.folder, ...changes }), "bridge.yaml"));
  const urlOf = (box: string, key = keyOf(box)) => `http://127.0.0.1:${bridge.relayPort}/${key}/HistoryEvent`;
  return { bridge, change, urlOf, log };
}

it("a box more is taken, and those that were there do not notice", async () => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  const { bridge, change, urlOf, log } = await changeable({ cloud: cloud.url, boxes: { lobby: address } });
  await until(() => se5.live.listeners === 1);
  expect(await post(urlOf("gate-1"))).toBe(401);
  await change({ boxes: { "gate-1": null, lobby: address } });
  expect(await post(urlOf("gate-1"))).toBe(200);
  se5.passes(site.next());
  await until(() => cloud.heard.length === 2);
  expect(log.info.mock.calls.filter(([message]) => message === "connected")).toHaveLength(1);
  expect(bridge.status().boxes.map(({ box }) => box)).toEqual(["gate-1", "lobby"]);
});

it("a removed box is refused, while its waiting reports stay and are shown", async () => {
  const cloud = await receiver(() => 503);
  const { se5, address } = await se5Of("lobby");
  const { bridge, change, urlOf } = await changeable({ cloud: cloud.url, boxes: { "gate-1": null, lobby: address } });
  await until(() => se5.live.listeners === 1);
  await post(urlOf("gate-1"));
  await change({ boxes: { other: null } });
  await until(() => se5.live.listeners === 0);
  expect(await post(urlOf("gate-1"))).toBe(401);
  expect(bridge.status().boxes).toMatchObject([
    { box: "other", waiting: 0 },
    { box: "gate-1", waiting: 1, lastError: "not in the file: it is not sent" },
  ]);
});

it("waiting reports are sent under a new key, and the old one is refused", async () => {
  const cloud = await receiver(({ path }) => (path.includes(keyOf("new")) ? 200 : 401));
  const { bridge, change, urlOf } = await changeable({ cloud: cloud.url, boxes: { "gate-1": null } });
  await post(urlOf("gate-1"), "first");
  await until(() => bridge.status().boxes[0]?.lastError !== null);
  await change({ token: () => keyOf("new") });
  await until(() => bridge.status().boxes[0]?.waiting === 0);
  expect(cloud.heard.at(-1)).toMatchObject({ path: `/${keyOf("new")}/HistoryEvent`, body: "first" });
  expect([await post(urlOf("gate-1")), await post(urlOf("gate-1", keyOf("new")))]).toEqual([401, 200]);
});

it("a new cloud receives the waiting reports of the old one", async () => {
  const [away, here] = [await receiver(() => 503), await receiver()];
  const { bridge, change, urlOf } = await changeable({ cloud: away.url, boxes: { "gate-1": null } });
  await post(urlOf("gate-1"));
  await until(() => away.heard.length > 0);
  await change({ cloud: here.url });
  await until(() => bridge.status().boxes[0]?.waiting === 0);
  expect(here.heard).toHaveLength(1);
});

it("a changed setting that needs a restart is logged", async () => {
  const { change, log } = await changeable({ cloud: "http://127.0.0.1:9", boxes: { "gate-1": null } });
  await change({ inSpool: "  max_age: 1d" });
  expect(log.warn).toHaveBeenCalledWith("changed, which takes a restart", { sections: ["spool"] });
});

it("a changed file is read once when it is complete, also after an error", async () => {
  const name = join(await temporary(), "bridge.yaml");
  const write = (...boxes: string[]) => {
    const named = Object.fromEntries(boxes.map((box) => [box, null]));
    writeFileSync(`${name}.new`, yamlOf({ cloud: "http://127.0.0.1:9", folder: "spool", boxes: named }));
    renameSync(`${name}.new`, name);
  };
  write("a");
  const file = new ConfigFile(name);
  expect(file.read().boxes).toHaveLength(1);
  expect([file.changed(), file.changed()]).toEqual([null, null]);
  write("a", "b");
  expect([file.changed()?.boxes.length, file.changed()?.boxes.length, file.changed()]).toEqual([undefined, 2, null]);
  writeFileSync(name, "boxes: none");
  expect(file.changed()).toBeNull();
  expect(() => file.changed()).toThrow(ConfigError);
  expect(file.changed()).toBeNull();
  rmSync(name);
  expect(file.changed()).toBeNull();
  expect(() => file.changed()).toThrow("cannot read");
  write("c");
  expect([file.changed(), file.changed()?.boxes[0]?.name]).toEqual([null, "c"]);
});
