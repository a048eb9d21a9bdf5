import { join } from "node:path";
import {
  type BridgeConfig,
  type BridgeOptions,
  parseConfig,
  type RunningBridge,
  startBridge,
  systemClock,
} from "@gatepost/bridge";
import { Faults, Se5, Site, Tally, type Version } from "@gatepost/simulator";
import { Spool, type SpoolLimits } from "../../../packages/bridge/src/spool/spool.ts";
import { album, atEnd, noFaults, temporary } from "../../unit/simulator/support.ts";

const silent = { info() {}, warn() {}, error() {} };

/** A key as Gatepost makes them, another one for every name. */
export function keyOf(name: string): string {
  return `gpi_${Buffer.from(name).toString("base64url").padEnd(27, "0")}`;
}

export interface Written {
  cloud: string;
  folder: string;
  /** The boxes and the addresses of their SE5: `host: 127.0.0.1, …`; null for one that posts to the relay. */
  boxes: Record<string, string | null>;
  /** Lines for the sections of the file. */
  inCloud?: string;
  inSpool?: string;
  token?: (box: string) => string;
}

/** The YAML of a bridge on free ports. */
export function yamlOf({ cloud, folder, boxes, inCloud = "", inSpool = "", token = keyOf }: Written): string {
  const lines = Object.entries(boxes).map(
    ([name, se5]) => `  - { name: ${name}, token: ${token(name)}${se5 === null ? "" : `, se5: { ${se5} }`} }`,
  );
  return `cloud:
  url: ${cloud}
${inCloud}
spool:
  folder: ${folder}
${inSpool}
relay:
  listen: 127.0.0.1:0
metrics: 127.0.0.1:0
boxes:
${lines.join("\n")}
`;
}

/** Runs a bridge in this process, impatiently. */
export async function running(
  written: Omit<Written, "folder"> & { folder?: string },
  options: Partial<BridgeOptions> = {},
): Promise<RunningBridge & { config: BridgeConfig; relay: (box: string) => string; folder: string }> {
  const folder = written.folder ?? join(await temporary(), "spool");
  const config = parseConfig(yamlOf({ ...written, folder }), "bridge.yaml");
  const bridge = await startBridge({
    config,
    clock: systemClock,
    random: Math.random,
    log: silent,
    settle: 50,
    lookEvery: 60_000,
    ...options,
  });
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await bridge.stop();
    isStopped = true;
  };
  atEnd(stop);
  const relay = (box: string) => `http://127.0.0.1:${bridge.relayPort}/${keyOf(box)}`;
  return { ...bridge, stop, config, relay, folder };
}

export async function spoolIn(
  folder: string,
  limits: Partial<SpoolLimits> = {},
  clock: () => number = Date.now,
  elapsed?: () => number,
) {
  const spool = new Spool(join(folder, "spool.db"), { maxBytes: 1e9, maxAge: 1e12, ...limits }, clock, elapsed);
  atEnd(() => spool.close().catch(() => {}));
  return spool;
}

/** Lets the cloud refuse what waits first of a box. */
export async function refuse(spool: Spool, box: string, reason = "403 no") {
  const report = spool.next(box);
  if (report !== null) await spool.settle(report, [{ body: report.body, reason }]);
}

/** A spool with the refused reports of one box, and their ids in order. */
export async function refused(folder: string, ...bodies: string[]) {
  const spool = await spoolIn(folder);
  for (const body of bodies) {
    await spool.append(reportOf("gate-1", body));
    await refuse(spool, "gate-1", `403 ${body}`);
  }
  return {
    spool,
    ids: spool.deadLetters
      .list()
      .map(({ id }) => id)
      .reverse(),
  };
}

export function reportOf(box: string, body: string | Uint8Array = "{}") {
  return {
    box,
    path: "/HistoryEvent",
    contentType: "application/json",
    contentEncoding: null,
    body: Buffer.from(body),
  };
}

/** A simulated SE5 by the machine's own clock, so that a bridge meets it in its time. */
export async function se5Of(
  box: string,
  {
    version = "V5R6",
    memoryFile = null,
    ports = [0, 0],
  }: { version?: Version; memoryFile?: string | null; ports?: [number, number] } = {},
) {
  const watch = new Tally().watch;
  const faults = noFaults();
  const clock = systemClock;
  const site = new Site({ seed: 9, box, devices: 2, strangers: 0.4, actions: 0.5, faults, clock });
  const [livePort, apiPort] = ports;
  const at = { host: "127.0.0.1", livePort, apiPort };
  const common = { album, faults: new Faults({}, () => 1), watch, clock };
  const se5 = await Se5.open({ ...common, ...at, version, devices: site.devices, memoryFile, splitsFrames: true });
  atEnd(() => se5.close());
  const address = `host: 127.0.0.1, live_port: ${se5.live.port}, api_port: ${se5.apiPort}`;
  return { se5, site, address };
}
