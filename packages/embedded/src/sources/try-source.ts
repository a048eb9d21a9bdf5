import { randomBytes } from "node:crypto";
import type { Source } from "@gatepost/core/sources";
import { type Broker, converse } from "./broker.ts";
import { BrokerFailure, refusalOf } from "./broker-failure.ts";
import { authorityOf, passwordOf } from "./sources-file.ts";

/** ms for a broker to answer everything. */
const timeoutMs = 30_000;

/**
 * Connects to the broker of a source and subscribes to its topics, in a session of its own: nothing is delivered. Returns
 * what is wrong; null if all is well.
 */
export async function trySource(source: Source, folder: string): Promise<string | null> {
  try {
    return await tried(source, folder, 5);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function tried(source: Source, folder: string, version: Broker["version"]): Promise<string | null> {
  const { mqtt, topics, username = null, retained = false } = source;
  const [password, ca] = [passwordOf(source, folder), authorityOf(source, folder)];
  const clientId = `gatepost-test-${randomBytes(4).toString("hex")}`;
  const broker = { mqtt, topics, username, password, ca, retained, version, clientId, isClean: true };
  const done = new AbortController();
  let result: string | null = "the broker does not answer";
  const on = {
    begun: async () => null,
    subscribed: async (refused: readonly string[]) => {
      result = refusalOf(refused);
      done.abort();
    },
    take: async () => {},
  };
  try {
    await converse(broker, on, AbortSignal.any([done.signal, AbortSignal.timeout(timeoutMs)]));
  } catch (error) {
    if (version === 5 && error instanceof BrokerFailure && error.mayBeOlder) return tried(source, folder, 4);
    throw error;
  }
  return result;
}
