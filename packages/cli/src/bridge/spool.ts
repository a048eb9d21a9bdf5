import { existsSync } from "node:fs";
import { join } from "node:path";
import { type BridgeConfig, readConfig, Spool } from "@gatepost/bridge";
import { Failure, sayWhy } from "../failure.ts";

const fileOf = ({ spool: { folder } }: BridgeConfig) => join(folder, "spool.db");

export function hasSpool(config: BridgeConfig): boolean {
  return existsSync(fileOf(config));
}

/** The spool of a bridge, also while the bridge runs. Throws Failure. */
export function openSpool(config: BridgeConfig): Spool {
  const { max_bytes: maxBytes, max_age: maxAge } = config.spool;
  try {
    return new Spool(fileOf(config), { maxBytes, maxAge }, Date.now);
  } catch (error) {
    throw new Failure(`cannot open ${fileOf(config)}: ${sayWhy(error)}`, { cause: error });
  }
}

/** Opens the spool of a bridge's file, and closes it in any case. Throws Failure if no bridge has made it yet. */
export async function withSpool<Result>(
  file: string,
  use: (spool: Spool, config: BridgeConfig) => Result | Promise<Result>,
): Promise<Result> {
  const config = readConfig(file);
  if (!hasSpool(config)) throw new Failure(`no bridge has run with ${file} yet: there is no ${fileOf(config)}`);
  const spool = openSpool(config);
  try {
    return await use(spool, config);
  } finally {
    await spool.close();
  }
}
