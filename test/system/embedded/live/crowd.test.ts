import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { connect } from "../../../runtime/embedded/live/support.ts";
import { temporaryFolder } from "../../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../../support/client.ts";
import { startGatepost } from "../../../support/gatepost-process.ts";
import { photo } from "../../../support/pictures.ts";
import { history, noon } from "../../../support/reports.ts";

const megabyte = 1024 * 1024;

/** Bytes of memory that a process has. */
function residentOf(pid: number | undefined): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

it.skipIf(process.platform !== "linux")("500 readers of every picture take less than 300 MB", async () => {
  const folder = await temporaryFolder();
  const server = await startGatepost(folder.path);
  try {
    const client = new Client(server);
    const address = `${server.url.replace("http", "ws")}/live?token=${await client.createReadKey()}`;
    const readers = await Promise.all(Array.from({ length: 500 }, () => connect(address)));
    for (const reader of readers) reader.ask({ event_list: ["*"], need_face: true, need_register: true });
    await Promise.all(readers.map((reader) => reader.settled()));
    const box = new Box(server.url, (await client.createKey("gate-1")).token);
    const scene = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(50_000, 7)]).toString("base64");
    let highest = 0;
    for (let n = 0; n < 10; n++) {
      const body = history({ timestamp: noon + n }, { recognize_face: photo(n), spot_pic: scene });
      expect((await box.post("/HistoryEvent", body)).status).toBe(200);
      await expect.poll(() => readers.every(({ received }) => received.length === n + 1)).toBe(true);
      highest = Math.max(highest, residentOf(server.child.pid));
    }
    expect(highest).toBeLessThan(300 * megabyte);
  } finally {
    await server.stop();
    await folder.remove();
  }
});
