import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BridgeStatus } from "@gatepost/bridge";
import { Gate } from "@gatepost/simulator";
import { expect, it } from "vitest";
import * as z from "zod";
import { freePort } from "../../standins/listen.ts";
import { Client } from "../../support/client.ts";
import { bin } from "../../support/command.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { fillUp, noSmallDisk, smallDisk } from "../../support/small-disk.ts";
import { album, atEnd, temporary, until } from "../../unit/simulator/support.ts";

const wholeReserve = 8 * 1024 * 1024;
const listed = z.object({ actions: z.array(z.object({ id: z.string(), state: z.string() })) });
const withToken = z.object({ token: z.string() });

it.skipIf(noSmallDisk !== null)("a bridge on a full disk changes no box until it has room", async () => {
  const [folder, mount] = [await temporary(), await temporary()];
  const server = await startGatepost(join(folder, "data"));
  atEnd(() => server.stop());
  const client = new Client(server);
  const box = { name: "gate-1", token: (await client.createKey("gate-1")).token };
  const place = {
    url: new URL(`${client.url}/${box.token}`),
    file: join(folder, "gate-1.json"),
    port: await freePort(),
  };
  const openGate = () => Gate.open({ name: box.name, version: "V6", seed: 1, album, ...place });
  let gate = await openGate();
  atEnd(() => gate.close());
  const facesOf = (name: string) =>
    gate.library
      .all()
      .filter((person) => person.name === name)
      .map(({ faces }) => faces.length);
  const { token } = withToken.parse(await (await client.post("/v1/keys", { scope: "read", boxes: [box.name] })).json());
  const file = join(folder, "bridge.yaml");
  const settings = {
    cloud: { url: server.url },
    spool: { folder: mount },
    metrics: "127.0.0.1:0",
    acting: { token },
    boxes: [{ ...box, people: { host: "127.0.0.1", port: place.port, group: "staff" } }],
  };
  await writeFile(file, JSON.stringify(settings));
  const { disk, start, end } = await smallDisk(24, mount, [process.execPath, bin, "bridge", "run", "--config", file]);
  atEnd(end);
  const starting = async () => {
    const { found, stop } = await start(/^bridging, .*metrics on port (\d+)/);
    atEnd(() => stop());
    await until(async () => (await stat(join(disk, "reserve")).catch(() => null))?.size === wholeReserve);
    const status = async () =>
      ((await (await fetch(`http://127.0.0.1:${found}/status`)).json()) as BridgeStatus).acting;
    return { status, stop };
  };

  const actions = async () => listed.parse(await (await client.get("/v1/actions?want=1001")).json()).actions;
  const asked = async (count: number) => {
    gate.stranger();
    await until(async () => (await actions()).filter(({ state }) => state === "announced").length === count);
  };
  const approve = async (name: string) => {
    const { id } = (await actions()).find(({ state }) => state === "announced") ?? { id: "" };
    const approval = { name, type: "employee", boxes: [box.name] };
    expect((await client.post(`/v1/actions/${id}/approval`, approval)).status).toBe(200);
    return id;
  };
  const stateOf = async (id: string) => (await actions()).find((one) => one.id === id)?.state;

  const first = await starting();
  await asked(1);
  await fillUp(join(disk, "filler"));
  const one = await approve("Wang Fang");
  await until(async () => (await first.status())?.lastError !== null);
  expect(await first.status()).toMatchObject({ lastError: expect.stringMatching(/its disk: .*full/), waiting: 0 });
  expect(facesOf("Wang Fang")).toEqual([]);
  await first.stop("SIGKILL");
  await rm(join(disk, "filler"));
  const second = await starting();
  await until(async () => (await stateOf(one)) === "done");
  expect(facesOf("Wang Fang")).toEqual([1]);

  await asked(1);
  await gate.close();
  const two = await approve("Li Na");
  await until(async () => (await second.status())?.waiting === 1);
  await fillUp(join(disk, "filler"));
  gate = await openGate();
  await until(async () => (await second.status())?.lastError !== null);
  expect(facesOf("Li Na")).toEqual([]);
  await rm(join(disk, "filler"));
  await until(async () => (await stateOf(two)) === "done");
  expect(facesOf("Li Na")).toEqual([1]);
  await until(async () => (await second.status())?.lastError === null);
});
