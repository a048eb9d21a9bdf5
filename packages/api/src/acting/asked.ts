import { includes } from "@gatepost/core/accounts";
import type { ActionFilter } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { readLibraries } from "@gatepost/core/sites";
import { declinableStates, omitAbsent, parseActionId } from "@gatepost/protocol";
import type { Caller } from "../access/caller.ts";
import { portsFor } from "../access/ports-for.ts";
import type { ApiPorts } from "../ports.ts";
import { type DecideRequest, maxDecided, type StoredDecision } from "./decision.ts";
import { matchingActions } from "./matching.ts";

/** Throws 403 if a caller may not decide so: a guard declines, a manager does all of it, and of the keys an admin key. */
export function requireToDecide(kind: DecideRequest["do"], { key, account, isAdministrator }: Caller): void {
  if (key !== null && !isAdministrator) {
    throw new GatepostError("forbidden", `a ${key.scope} key decides nothing; sign in, or use an admin key`);
  }
  if (account !== null && kind !== "decline" && !includes(account.role, "manager")) {
    throw new GatepostError("forbidden", "this is for a manager; a guard can decline actions");
  }
}

/**
 * A decision with the actions that match now, and none that is made later. Throws 409 `changed` if not as many match
 * as the user has seen.
 */
export async function decisionToStore(body: DecideRequest, deps: ApiPorts): Promise<StoredDecision> {
  const { kind, do: does, reason, photos } = body;
  return {
    kind,
    do: does,
    reason,
    actions: body.actions === undefined ? await matching(body, deps) : await visible(body.actions, deps),
    ...omitAbsent({ photos }),
    together: body.boxes === "site" ? await boxesTogether(deps) : [],
  };
}

/** The actions that the caller sees, in their order. Throws 404 if there is none of them. */
export async function visible(ids: readonly string[], { events }: Pick<ApiPorts, "events">): Promise<string[]> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += pageSize) {
    const asked = ids.slice(from, from + pageSize).map(eventOf);
    for (const id of (await events.getAll([...new Set(asked)])).keys()) found.add(id);
  }
  const seen = ids.filter((id) => found.has(eventOf(id)));
  if (seen.length > 0) return seen;
  throw new GatepostError("not-found", "there are no such actions");
}

const eventOf = (id: string) => parseActionId(id)?.eventId ?? "";

const pageSize = 500;

async function matching({ filter: asked, until = 0, expect }: DecideRequest, deps: ApiPorts): Promise<string[]> {
  const { want, box, match, quality, site } = asked ?? {};
  const ports = await portsFor({ boxes: null, query: site === undefined ? {} : { site } }, deps);
  const filter: ActionFilter = {
    states: declinableStates,
    wants: want && [want],
    boxes: box === undefined ? box : [box],
  };
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof matchingActions>> = await matchingActions(
      { filter, conditions: { match, quality } },
      { limit: pageSize, cursor },
      ports,
    );
    for (const { id, history } of page.items) if (madeAt(history) <= until) ids.push(id);
    cursor = page.next;
  } while (cursor !== null && ids.length <= maxDecided);
  if (ids.length > maxDecided) {
    throw new GatepostError("too-large", `over ${maxDecided} actions match; give a narrower filter`);
  }
  if (ids.length === expect) return ids;
  throw new GatepostError("conflict", `${ids.length} actions match now, and not ${expect}; look at them again`, {
    code: "changed",
  });
}

function madeAt([first]: readonly { at: string }[]): number {
  return first === undefined ? 0 : Date.parse(first.at);
}

/** The boxes that the caller sees, by the libraries of people that they share. */
async function boxesTogether({ sites, boxes }: ApiPorts): Promise<string[][]> {
  const libraries = await readLibraries({ sites, boxes: boxes.reader });
  const names = await boxes.reader.names();
  return Object.values(Object.groupBy(names, (name) => libraries.of(name))).flatMap((group = []) =>
    group.length > 1 ? [group] : [],
  );
}
