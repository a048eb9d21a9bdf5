import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { picturesOf, Se5, Tally, type Version } from "@gatepost/simulator";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { sha256 } from "../../support/pictures.ts";
import { album, atEnd, ManualClock, noFaults, passings, siteOf, temporary, until } from "./support.ts";

async function open(version: Version = "V5R6", memoryFile: string | null = null, splitsFrames = false) {
  const clock = new ManualClock();
  const site = siteOf("lobby", clock);
  const tally = new Tally();
  const at = { host: "127.0.0.1", livePort: 0, apiPort: 0 };
  const watching = { album, faults: noFaults(), watch: tally.watch, clock };
  const se5 = await Se5.open({ version, ...watching, ...at, devices: site.devices, memoryFile, splitsFrames });
  atEnd(() => se5.close());
  const ask = (path: string, body?: unknown) =>
    fetch(
      `http://127.0.0.1:${se5.apiPort}${path}`,
      body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
    );
  return { se5, site, tally, ask };
}

const devicesV5 = z.object({ data: z.object({ devices_list: z.array(z.object({ device_id: z.string() })) }) });
const devicesV6 = z.object({ devices: z.array(z.object({ media_device_id: z.string() })) });
const pageV5 = z.object({
  data: z.array(z.object({ timestamp: z.number(), common: z.object({ spot_pic_id: z.string() }) })),
  pagination: z.record(z.string(), z.number()),
});
const pageV6 = z.object({ events: z.array(z.unknown()) });

async function client(se5: Se5) {
  const socket = new WebSocket(`ws://127.0.0.1:${se5.live.port}`);
  const messages: Record<string, unknown>[] = [];
  socket.on("message", (data) => messages.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.once("open", resolve));
  atEnd(() => socket.terminate());
  const configure = async (configuration: unknown) => {
    socket.send(JSON.stringify(configuration));
    await until(() => se5.live.listeners > 0);
  };
  return { messages, configure };
}

it("no message is pushed before a configuration", async () => {
  const { se5, site, tally } = await open();
  const { messages, configure } = await client(se5);
  se5.passes(site.next());
  expect(tally.counts).toMatchObject({ sent: 0, lost: 1 });
  await configure({ need_face: true, need_register: true, event_list: site.devices.map(({ id }) => id) });
  const second = site.next();
  se5.passes(second);
  await until(() => messages.length === 1);
  expect(messages[0]).toMatchObject({ timestamp: second.at, device_id: second.device.id });
});

it("only devices of the list are pushed; an empty list means none", async () => {
  const { se5, site } = await open();
  const [wanted, other] = site.devices;
  const [{ messages, configure }, nobody] = [await client(se5), await client(se5)];
  await configure({ event_list: [wanted.id] });
  await nobody.configure({});
  const passing = site.next();
  se5.passes({ ...passing, device: other ?? wanted });
  se5.passes({ ...passing, device: wanted });
  await until(() => messages.length === 1);
  expect(messages[0]).toMatchObject({ device_id: wanted.id });
  expect(nobody.messages).toEqual([]);
});

it("pictures are left out unless requested", async () => {
  const { se5, site } = await open();
  const { messages, configure } = await client(se5);
  await configure({ event_list: site.devices.map(({ id }) => id) });
  se5.passes(site.next());
  await until(() => messages.length === 1);
  expect(messages[0]).toMatchObject({ reg_pic: "", ext_data: { spot_pic: "", recognize_face: "" } });
});

it("a message is split into frames on request", async () => {
  const { se5, site } = await open("V5R6", null, true);
  const { messages, configure } = await client(se5);
  await configure({ need_face: true, event_list: site.devices.map(({ id }) => id) });
  const passing = site.next();
  se5.passes(passing);
  await until(() => messages.length === 1);
  const { ext_data } = messages[0] as { ext_data: { spot_pic: string } };
  expect(ext_data.spot_pic).toBe(picturesOf(passing, album).scene?.toString("base64"));
});

it("V6 has its own configuration and message form", async () => {
  const { se5, site } = await open("V6");
  const { messages, configure } = await client(se5);
  await configure({ with_face_image: true, media_device_ids: site.devices.map(({ id }) => id) });
  se5.passes(site.next());
  await until(() => messages.length === 1);
  expect(messages[0]).toHaveProperty("media_device_id");
});

it("devices are listed in V5's form and in V6's", async () => {
  const [five, six] = [await open("V5R6"), await open("V6")];
  const ids = five.site.devices.map(({ id }) => id);
  const { data } = devicesV5.parse(await (await five.ask("/SophonDevice/api/Devices")).json());
  expect(data.devices_list.map(({ device_id }) => device_id)).toEqual(ids);
  const { devices } = devicesV6.parse(await (await six.ask("/sophon/v2/face/getmediadevices", {})).json());
  expect(devices.map(({ media_device_id }) => media_device_id)).toEqual(ids);
  expect((await six.ask("/SophonDevice/api/Devices")).status).toBe(404);
});

it("the memory is listed in pages, by seconds in V5 and by ms in V6", async () => {
  const all = passings(25, "lobby");
  const [from, to] = [all[5]?.at ?? 0, all[19]?.at ?? 0];
  const [five, six] = [await open("V5R6"), await open("V6")];
  for (const passing of all) {
    five.se5.passes(passing);
    six.se5.passes(passing);
  }
  const query = `per_page=10&page=1&datetime_gte=${from / 1000}&datetime_lte=${to / 1000}`;
  const listed = pageV5.parse(await (await five.ask(`/SophonFace/api/events?${query}`)).json());
  expect(listed.data).toHaveLength(5);
  expect(listed.pagination).toEqual({ num_pages: 2, page: 1, per_page: 10, total_count: 15 });
  const body = { filters: { datetime_gte: from, datetime_lte: to }, page_limit: 10, page_index: 1 };
  const { events } = pageV6.parse(await (await six.ask("/sophon/v2/face/getevents", body)).json());
  expect(events).toHaveLength(5);
});

it("pushed pictures can be fetched", async () => {
  const { se5, site, ask } = await open();
  const passing = site.nextStranger();
  se5.passes(passing);
  const [stored] = pageV5.parse(await (await ask("/SophonFace/api/events")).json()).data;
  const picture = await ask(`/SophonFace/api/event_images/${stored?.common.spot_pic_id}?datetime=${stored?.timestamp}`);
  expect(sha256(Buffer.from(await picture.arrayBuffer()))).toBe(sha256(picturesOf(passing, album).scene ?? ""));
  expect((await ask("/SophonFace/api/event_images/nothing")).status).toBe(404);
});

it("the memory survives a restart, without a line cut by a kill", async () => {
  const file = join(await temporary(), "memory");
  const first = await open("V5R6", file);
  const all = passings(3, "lobby");
  for (const passing of all) first.se5.passes(passing);
  writeFileSync(file, `${readFileSync(file, "utf8")}{"number":3,"bo`);
  const second = await open("V5R6", file);
  expect(second.se5.memory.all()).toEqual(all);
  second.se5.passes({ ...second.site.next(), number: 3 });
  expect((await open("V5R6", file)).se5.memory.size).toBe(4);
});
