import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { bodyOf, postBody, units } from "../../support/large-bodies.ts";
import { isLong } from "../../support/seeded.ts";

const megabyte = 1024 * 1024;
const bodyBytes = 63 * megabyte;

/** Most growth of the peak resident memory over an idle server. */
const maxGrowth = 4 * bodyBytes + 64 * megabyte;

/** A line of /proc/PID/status in bytes. */
function memoryOf({ child }: GatepostProcess, name: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}

/** The bodies after which most is left, or that need the most memory. */
const costly = new Set(["a form of pluses", "a text of keys"]);

describe("the memory of a server", () => {
  it.runIf(isLong).each(units)("grows by at most four times a body of 63 MB and 64 MB: %s", async (...unit) => {
    const folder = await temporaryFolder();
    const server = await startGatepost(join(folder.path, "data"));
    try {
      const { token } = await new Client(server).createKey("gate-1");
      const idle = memoryOf(server, "VmRSS");
      const url = `${server.url}/${token}/HistoryEvent`;
      const status = await postBody(url, bodyOf(unit, bodyBytes, false), { type: unit[4] });
      expect(status).toBe(200);
      expect(memoryOf(server, "VmHWM") - idle).toBeLessThanOrEqual(maxGrowth);
    } finally {
      await server.stop();
      await folder.remove();
    }
  });

  it("grows no more after several bodies of 63 MB one after the other", async () => {
    const folder = await temporaryFolder();
    const server = await startGatepost(join(folder.path, "data"));
    try {
      const client = new Client(server);
      const idle = memoryOf(server, "VmRSS");
      for (const unit of units.filter(([name]) => isLong || costly.has(name))) {
        const { token } = await client.createKey(`gate-${units.indexOf(unit)}`);
        const url = `${server.url}/${token}/HistoryEvent`;
        const status = await postBody(url, bodyOf(unit, bodyBytes, false), { type: unit[4] });
        expect([200, 503]).toContain(status);
        expect(memoryOf(server, "VmHWM") - idle, unit[0]).toBeLessThanOrEqual(maxGrowth);
      }
    } finally {
      await server.stop();
      await folder.remove();
    }
  });
});
