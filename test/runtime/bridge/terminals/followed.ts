import { join } from "node:path";
import { type BridgeOptions, parseConfig, startBridge, systemClock } from "@gatepost/bridge";
import { hashToken } from "@gatepost/core/keys";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { atEnd, temporary } from "../../../unit/simulator/support.ts";
import { keyOf, yamlOf } from "../support.ts";

/** A Gatepost in memory behind an address, with the events that it has. */
export async function gatepost() {
  const deps = new MemoryPorts();
  deps.now = Date.now();
  await deps.reads.keyAdmin.create({ scope: "ingest", box: "door", tokenHash: hashToken(keyOf("door")) });
  const requests: string[] = [];
  const { url, close } = await listen(async (request, response) => {
    const { method = "", url: path = "", headers } = request;
    const contentType = headers["content-type"] ?? "";
    const answer = await send(deps, {
      method,
      path,
      headers: { "content-type": contentType },
      body: await bodyOf(request),
    });
    if (method === "POST") requests.push(contentType);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  atEnd(close);
  return { url, deps, requests };
}

/** A bridge that follows a terminal of a make. */
export async function bridgeFor(
  make: string,
  { cloud, port }: { cloud: string; port: number },
  { folder, ...options }: { folder?: string } & Partial<BridgeOptions> = {},
) {
  const spool = folder ?? join(await temporary(), "spool");
  const text = yamlOf({ cloud, folder: spool, boxes: { door: null } }).replace(
    / \}\n$/,
    `, terminal: { make: ${make}, host: 127.0.0.1, port: ${port}, password: right } }\n`,
  );
  const log: string[] = [];
  const note = (message: string, facts: object = {}) => void log.push(`${message} ${JSON.stringify(facts)}`);
  const running = await startBridge({
    config: parseConfig(text, "bridge.yaml"),
    clock: systemClock,
    random: Math.random,
    settle: 20,
    log: { info: note, warn: note, error: note },
    ...options,
  });
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await running.stop();
    isStopped = true;
  };
  atEnd(stop);
  const status = () => running.status().boxes[0];
  return { status, stop, log, folder: spool, isIdle: () => status()?.waiting === 0 };
}
