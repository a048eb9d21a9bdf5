import { type BoxConfig, type BridgeConfig, readConfig } from "@gatepost/bridge";
import { Failure, WrongUsage } from "../failure.ts";
import { print } from "../output.ts";
import { lanAddress, localAddress, urlOf } from "../urls.ts";
import { boxAt, checkBase, comesAbout, notHeard, writeUrls } from "./box-setup.ts";
import { statusOfRunning, statusUrlOf } from "./process.ts";

export interface BehindBridge {
  /** The bridge's file. */
  bridge: string;
  /** The name of the box in it; may be left out if there is only one. */
  box?: string | undefined;
  via?: string;
  /** Seconds. */
  wait: number;
  json?: true;
}

/** Seconds within which a running bridge reads a changed file. */
const rereadSeconds = 10;

/** Sets a box up to report to a bridge, under the key that is in the bridge's file. */
export async function setUpBehindBridge(
  address: string,
  { bridge: file, wait, ...asked }: BehindBridge,
): Promise<void> {
  const config = readConfig(file);
  const api = boxAt(address);
  const { name, token } = boxOf(config, asked.box, file);
  const base = asked.via ?? relayOf(config, { address, file });
  checkBase(base);
  if (!(await comesAbout(async () => (await look(config, name)) !== undefined, rereadSeconds)))
    throw new Failure(`the running bridge does not know box ${name}; does it run with ${file}?`);
  const before = await postedAt(config, name);
  const firmware = await writeUrls(api, base, token);
  const isHeard = await comesAbout(async () => ![null, before].includes(await postedAt(config, name)), wait);
  print(
    { box: name, address, firmware, heard: isHeard },
    () => `${name} (${firmware}) posts to ${base}.${isHeard ? " It has reported." : ""}`,
    asked,
  );
  if (!isHeard) throw notHeard(wait, base);
}

function boxOf({ boxes }: BridgeConfig, name: string | undefined, file: string): BoxConfig {
  const isPosting = ({ se5, terminal }: BoxConfig) => se5 === undefined && terminal === undefined;
  const chosen = boxes.filter((box) => (name === undefined ? isPosting(box) : box.name === name));
  const [box] = chosen;
  if (box === undefined) throw new WrongUsage(`${file} has no box ${name ?? "that posts to the relay"}`);
  if (chosen.length > 1) throw new WrongUsage(`say with --box which one of ${file} it is`);
  return box;
}

/** The address of the relay for the box, from the bridge's file. Throws WrongUsage if the file does not give it. */
function relayOf({ relay }: BridgeConfig, { address, file }: { address: string; file: string }): string {
  if (relay === undefined) throw new WrongUsage(`${file} has no relay: give it \`relay: { listen: 9528 }\``);
  const { host, port } = relay.listen;
  const url = urlOf(host, port);
  if (isLoopback(host) && !isLoopback(address))
    throw new WrongUsage(`no box reaches the relay at ${url}; listen on another address, or give --via`);
  if (localAddress(host) === host && port !== 0) return url;
  const example = urlOf(lanAddress(host), port || 9528);
  throw new WrongUsage(`give with --via the address under which the box reaches the bridge, as ${example}`);
}

const isLoopback = (host: string) => /^(127\.|localhost\b)/i.test(host);

/** When the box last posted to the running bridge, ms since 1970. */
async function postedAt(config: BridgeConfig, name: string): Promise<number | null> {
  return (await look(config, name))?.posted ?? null;
}

/** The status of the box at the running bridge; undefined if the bridge does not know the box. */
async function look(config: BridgeConfig, name: string) {
  const status = await statusOfRunning(config);
  if (status === null) throw new Failure(`no bridge answers at ${statusUrlOf(config)}; start it first`);
  return status.boxes.find(({ box }) => box === name);
}
