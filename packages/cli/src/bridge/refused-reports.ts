import { setTimeout as sleep } from "node:timers/promises";
import type { BridgeConfig, Spool } from "@gatepost/bridge";
import { Failure } from "../failure.ts";

/** Which dead letters a command is about. */
export interface Chosen {
  /** Empty: all, or all of a box. */
  ids: readonly number[];
  box?: string;
}

/** Acts on a report. Resolves with the reason if it could not, else with null. */
type Act = (id: number) => Promise<string | null>;

export const noSuch = "there is no such report; list them";

/** ms between two reports, in which a running bridge can use the file. */
const pauseMs = 5;
/** Ids that a message names at most. */
const maxNamed = 10;

/** Puts reports back into the spool for the bridge to send. Those that cannot be put back stay. */
export function sendingAgain(spool: Spool, { boxes }: BridgeConfig): Act {
  const known = new Set(boxes.map(({ name }) => name));
  const full = new Set<string>();
  return async (id) => {
    const refused = spool.deadLetters.head(id);
    if (refused === null) return noSuch;
    if (!known.has(refused.box)) return `box ${refused.box} is not in the file, so no bridge would send it`;
    // A smaller report must not overtake one that found no room.
    const outcome = full.has(refused.box) ? "no-room" : await spool.sendAgain(id);
    if (outcome === "gone") return noSuch;
    if (outcome === "waiting") return null;
    full.add(refused.box);
    return "the spool has no room; wait until the bridge has delivered some of it";
  };
}

export function dropping(spool: Spool): Act {
  return async (id) => ((await spool.drop(id)) ? null : noSuch);
}

/** Acts on each in the order of receipt, and continues if one fails. */
export async function actOn(
  { ids, box }: Chosen,
  spool: Spool,
  act: Act,
): Promise<{ done: number; failures: Map<string, number[]> }> {
  const chosen = ids.length > 0 ? ids : spool.deadLetters.list(box === undefined ? {} : { box }).map(({ id }) => id);
  const failures = new Map<string, number[]>();
  let done = 0;
  for (const id of [...new Set(chosen)].sort((a, b) => a - b)) {
    const why = await act(id);
    if (why !== null) {
      failures.set(why, failures.get(why) ?? []);
      failures.get(why)?.push(id);
      continue;
    }
    done += 1;
    await sleep(pauseMs);
  }
  return { done, failures };
}

/** Throws Failure if there are any. */
export function failOn(failures: ReadonlyMap<string, readonly number[]>, what: string): void {
  if (failures.size === 0) return;
  const lines = [...failures].map(([why, ids]) => `${named(ids)}: ${why}`);
  throw new Failure(`${what}: ${lines.join("; ")}`);
}

function named(ids: readonly number[]): string {
  const more = ids.length - maxNamed;
  return `${ids.slice(0, maxNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
