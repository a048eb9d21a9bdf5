import { hash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { probeResponse } from "@gatepost/core/errors";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { checkSpool } from "../check-spool.ts";
import type { Arrival } from "../claims.ts";
import { Driver } from "../driver.ts";
import type { Scene } from "../recording.ts";
import { wallClock } from "../wall-clock.ts";
import { bound } from "./bound.ts";
import { tokenOf } from "./seeded-data.ts";

/** ms that a bridge may need on a busy machine until the cloud has everything. */
const timeoutMs = 30_000;

/** A bridge whose cloud is away, then back, and refuses some reports. */
export const bridgeSpool: Scene = {
  name: "bridge-spool",
  share: 16,
  async prepare({ root, seed }) {
    const random = seededFor(seed, "bridge-spool");
    const cloud = await standInCloud();
    const spool = join(root, "new", "spool");
    const config = join(root, "bridge.yaml");
    const boxes = ["gate-1", "gate-2"].map((name) => ({ name, token: tokenOf("gpi", random) }));
    const listed = boxes.map(({ name, token }) => `  - { name: ${name}, token: ${token} }`);
    const yaml = (folder: string) =>
      [
        "cloud:",
        `  url: ${cloud.url}`,
        `spool: { folder: ${folder} }`,
        "relay: { listen: 127.0.0.1:0 }",
        "metrics: 127.0.0.1:0",
        "boxes:",
        ...listed,
        "",
      ].join("\n");
    await writeFile(config, yaml(spool));
    const driver = new Driver();
    return {
      args: ["bridge", "run", "--config", config],
      // A compile cache would be kept beside the spool: a thousand calls that promise nothing.
      env: { NODE_DISABLE_COMPILE_CACHE: "1" },
      ready: /relay on port (\d+)/,
      arrivals: cloud.arrivals,
      look: { kind: "spool", within: join("new", "spool") },
      operations: () => driver.operations,
      async check(found) {
        const moved = join(found.root, "bridge.yaml");
        await writeFile(moved, yaml(join(found.root, "new", "spool")));
        cloud.takesAll();
        return checkSpool({ ...found, spool: join(found.root, "new", "spool"), config: moved, later: cloud.arrivals });
      },
      [Symbol.asyncDispose]: () => cloud.close(),
      async drive(port) {
        const send = bound(driver, `http://127.0.0.1:${port}`);
        let count = 0;
        const post = (bytes: number, text = "") => {
          count += 1;
          const body = JSON.stringify({ number: count, text, filling: String(random()).repeat(bytes / 18) });
          const token = boxes[count % boxes.length]?.token ?? "";
          return send({
            path: `/${token}/HistoryEvent`,
            body,
            claims: [{ kind: "spooled", sha256: hash("sha256", body) }],
          });
        };
        for (let n = 0; n < 3; n++) await post(4000);
        await Promise.all([post(20_000), post(100), post(100), post(3000, "refuse this")]);
        cloud.takesMost();
        for (let n = 0; n < 4; n++) await post(2000, n === 2 ? "refuse this" : "");
        await cloud.hasDecidedOn(count);
        await post(500);
        await cloud.hasDecidedOn(count);
        // Until the spool has noted the last of it.
        await sleep(300);
      },
    };
  },
};

/** A cloud that is away at first. */
async function standInCloud() {
  const arrivals: Arrival[] = [];
  let decided = 0;
  let answers: (body: string) => number = () => 503;
  const server = createServer(async (request, response) => {
    // Before a bridge believes a refusal, it asks whether a Gatepost answers to its key.
    if (request.method === "GET") return void response.end(probeResponse("GET")?.body);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const body = Buffer.concat(chunks);
    const status = answers(body.toString());
    if (status !== 503) decided += 1;
    if (status === 200) arrivals.push({ at: wallClock(), id: hash("sha256", body) });
    const message = status === 200 ? "SUCCESS" : "no";
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ message, status: status === 200 ? 0 : status }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    /** Resolves once it has taken or refused so many. */
    async hasDecidedOn(count: number) {
      for (const since = Date.now(); decided < count; await sleep(20))
        if (Date.now() - since > timeoutMs) throw new Error(`the cloud has been asked ${decided} times of ${count}`);
    },
    takesMost() {
      answers = (body) => (body.includes("refuse this") ? 400 : 200);
    },
    takesAll() {
      answers = () => 200;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
