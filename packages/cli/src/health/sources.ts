import type { Operations } from "@gatepost/client";
import type { Api } from "../client.ts";

/** How the sources of a Gatepost do. */
export interface Sources {
  sources: Operations["GET /v1/sources"]["answer"]["sources"];
  /** What needs a hand, in words. */
  needsHand: string[];
}

/** Null on AWS, which has no sources, and for a key that may not read them. */
export async function sourcesOf(
  api: Api,
  { key, server }: { key: { scope: string }; server: { runtime: string } },
): Promise<Sources | null> {
  if (server.runtime !== "one-machine" || key.scope !== "admin") return null;
  const { sources, fault } = await api.ask("GET /v1/sources");
  const faults = sources.map((source) => source.fault && `source ${source.name}: ${source.fault}`);
  return { sources, needsHand: [fault, ...faults].filter((one) => one !== null) };
}

/** A source in one line. */
export function sourceLine({ name, isConnected, since, lastMessageAt }: Sources["sources"][number]): string {
  const state = isConnected ? "connected" : "not connected";
  const last = lastMessageAt === null ? "no message since the start" : `last message at ${lastMessageAt}`;
  return `${name} ${state}${since === null ? "" : ` since ${since}`}, ${last}`;
}
