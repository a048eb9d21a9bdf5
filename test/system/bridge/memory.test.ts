import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { keyOf, yamlOf } from "../../runtime/bridge/support.ts";
import { bin } from "../../support/command.ts";
import { isLong } from "../../support/seeded.ts";
import { atEnd, receiver, temporary } from "../../unit/simulator/support.ts";

const reports = 10_000;
const maxResident = 120 * 1024 * 1024;

/** Bytes of a process that are in memory (Linux). */
function resident(pid: number | undefined): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

it.skipIf(!isLong || process.platform !== "linux")(
  "has under 120 MB resident with 10,000 spooled events, and while it delivers them",
  {
    timeout: 900_000,
  },
  async () => {
    let isAway = true;
    let delivered = 0;
    const cloud = await receiver(() => {
      if (!isAway) delivered += 1;
      return isAway ? 503 : 200;
    });
    const folder = await temporary();
    const config = join(folder, "bridge.yaml");
    writeFileSync(config, yamlOf({ cloud: cloud.url, folder: join(folder, "spool"), boxes: { "gate-1": null } }));
    const child = spawn(process.execPath, [bin, "bridge", "run", "--config", config], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    atEnd(() => child.kill("SIGKILL"));
    const [line] = await once(child.stdout, "data");
    const [, relay, metrics] = /relay on port (\d+), metrics on port (\d+)/.exec(String(line)) ?? [];
    const empty = resident(child.pid);
    const body = JSON.stringify({ identity_id: "1", timestamp: 1, ext_data: { spot_pic: "x".repeat(40_000) } });
    for (let sent = 0; sent < reports; sent += 10) {
      const posts = Array.from({ length: 10 }, () =>
        fetch(`http://127.0.0.1:${relay}/${keyOf("gate-1")}/HistoryEvent`, { method: "POST", body }),
      );
      for (const answer of await Promise.all(posts))
        expect((await answer.json()) as unknown).toEqual({ message: "SUCCESS", status: 0 });
    }
    const full = resident(child.pid);
    isAway = false;
    let highest = full;
    const standing = z.object({ boxes: z.array(z.object({ waiting: z.number() })) });
    for (;;) {
      const { boxes } = standing.parse(await (await fetch(`http://127.0.0.1:${metrics}/status`)).json());
      highest = Math.max(highest, resident(child.pid));
      if (boxes[0]?.waiting === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
      cloud.heard.length = 0;
    }
    const [first, then, last] = [empty, full, highest].map((bytes) => Math.round(bytes / 1024 ** 2));
    process.stdout.write(`bridge memory: ${first} MB empty, ${then} MB full, ${last} MB at most\n`);
    expect(delivered).toBeGreaterThanOrEqual(reports);
    expect(highest).toBeLessThan(maxResident);
  },
);
