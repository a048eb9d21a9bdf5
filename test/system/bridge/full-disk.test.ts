import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BridgeStatus } from "@gatepost/bridge";
import { expect, it } from "vitest";
import { keyOf, yamlOf } from "../../runtime/bridge/support.ts";
import { bin } from "../../support/command.ts";
import { fillUp, noSmallDisk, smallDisk } from "../../support/small-disk.ts";
import { atEnd, receiver, temporary, until } from "../../unit/simulator/support.ts";

const wholeReserve = 8 * 1024 * 1024;

/** A bridge whose spool is on a disk of 24 MB, for a cloud that is away at first. */
async function smallBridge() {
  let isAway = true;
  const cloud = await receiver(() => (isAway ? 503 : 200));
  const [folder, mount] = [await temporary(), await temporary()];
  const file = join(folder, "bridge.yaml");
  await writeFile(file, yamlOf({ cloud: cloud.url, folder: mount, boxes: { "gate-1": null } }));
  const { disk, start, end, log } = await smallDisk(24, mount, [
    process.execPath,
    bin,
    "bridge",
    "run",
    "--config",
    file,
  ]);
  atEnd(end);
  const starting = async () => {
    const { found, stop } = await start(/^bridging, (.*)$/);
    atEnd(() => stop());
    const [, relay, metrics] = /relay on port (\d+), metrics on port (\d+)/.exec(found) ?? [];
    const post = async (number: number) => {
      const body = `${number} `.padEnd(200_000, "x");
      const url = `http://127.0.0.1:${relay}/${keyOf("gate-1")}/HistoryEvent`;
      return (await fetch(url, { method: "POST", body })).status;
    };
    const status = async () => {
      const { boxes } = (await (await fetch(`http://127.0.0.1:${metrics}/status`)).json()) as BridgeStatus;
      return boxes[0];
    };
    await until(async () => (await stat(join(disk, "reserve")).catch(() => null))?.size === wholeReserve);
    return { post, status, stop };
  };
  const back = () => {
    isAway = false;
  };
  const taken = () => new Set(cloud.heard.map(({ body }) => Number.parseInt(body, 10)));
  return { disk, start: starting, back, taken, log };
}

/** Posts until the bridge refuses. Returns how many reports it took. */
async function postUntilFull(post: (number: number) => Promise<number>): Promise<number> {
  for (let number = 0; ; number++) if ((await post(number)) === 503) return number;
}

it.skipIf(noSmallDisk !== null)("a spool that filled its disk is delivered, and accepts reports again", async () => {
  const { start, back, taken } = await smallBridge();
  const { post, status } = await start();
  const count = await postUntilFull(post);
  expect(count).toBeGreaterThan(10);
  expect((await status())?.lastError).toMatch(/^not taken: .*full/);
  back();
  await until(async () => (await status())?.waiting === 0);
  expect(await status()).toMatchObject({ sent: count });
  expect(taken().size).toBe(count);
  for (let number = 0; number < 5; number++) expect(await post(1000 + number)).toBe(200);
  await until(async () => (await status())?.sent === count + 5);
});

it.skipIf(noSmallDisk !== null)("a spool on a disk that others filled is delivered, even after a kill", async () => {
  const { disk, start, back } = await smallBridge();
  const first = await start();
  const count = await postUntilFull(first.post);
  await fillUp(join(disk, "filler"));
  await first.stop("SIGKILL");
  await fillUp(join(disk, "filler"));
  back();
  const { status, post } = await start();
  await until(async () => (await status())?.waiting === 0);
  expect(await status()).toMatchObject({ sent: count });
  expect(await post(1000)).toBe(200);
});
