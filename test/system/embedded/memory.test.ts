import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { expect, it } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { history, noon } from "../../support/reports.ts";

const { closers } = openedByTests();

async function start() {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const server = await startGatepost(folder.path);
  closers.push(() => server.stop());
  const { token } = await new Client(server).createKey("gate-1");
  return { pid: server.child.pid, url: `${server.url}/${token}/HistoryEvent` };
}

/** Posts a body over a new connection: making it takes longer than the server keeps an idle one. */
async function post(url: string, body: Buffer): Promise<number | undefined> {
  const sent = request(url, { method: "POST", agent: false });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.resume();
  await once(answer, "end");
  return answer.statusCode;
}

/** Bytes of a process that are in memory, now or when it had most of them (Linux). */
function resident(pid: number | undefined, what: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}

/** The base64 of a picture that is no other's. */
function picture(bytes: number): string {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(bytes)]).toString("base64");
}

/** A passing of a person with a Chinese name and three pictures, of about `bytes` bytes together. */
function report(number: number, bytes: number) {
  const [reg_pic = "", spot_pic = "", recognize_face = ""] = [1, 2, 3].map(() => picture(bytes / 3));
  return history({ timestamp: noon + number, reg_pic }, { spot_pic, recognize_face });
}

const bodies = {
  "pictures of 4 MB": () => Array.from({ length: 4 }, (_, number) => report(number, 12e6)),
  "pictures as cameras make them": () => Array.from({ length: 130 }, (_, number) => report(100 + number, 360_000)),
};

it.skipIf(process.platform !== "linux").each(Object.entries(bodies))(
  "a body of 63 MB with %s takes at most 5 times its size",
  async (name, make) => {
    const { pid, url } = await start();
    await post(url, Buffer.from(JSON.stringify(history())));
    const idle = resident(pid, "VmRSS");
    const body = Buffer.from(JSON.stringify(make()));
    expect(await post(url, body)).toBe(200);
    const factor = (resident(pid, "VmHWM") - idle) / body.length;
    process.stdout.write(`memory for ${Math.round(body.length / 1e6)} MB, ${name}: ${factor.toFixed(1)} times\n`);
    expect(factor).toBeLessThan(5);
  },
);
