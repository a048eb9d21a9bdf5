import type { ApiPorts } from "../ports.ts";

/** Until when a visitor may enter, ms, and whom the visitor visits; null if unknown. */
export interface VisitFacts {
  endsAt: number | null;
  host: string | null;
}

/**
 * The visit of a person that was approved for some boxes; the one that ends last, if there are several. Nothing is read for
 * people who are no visitors.
 */
export async function visitOf(
  { id, type, boxes }: { id: string; type: string; boxes: readonly string[] },
  { jobs, actionReader }: Pick<ApiPorts, "actionReader" | "jobs">,
): Promise<VisitFacts> {
  if (type !== "visitor") return { endsAt: null, host: null };
  const found = await Promise.all(boxes.map((box) => jobs.removals.visitOf({ box, person: id })));
  const [last] = found.flatMap((visit) => visit ?? []).toSorted((a, b) => b.endsAt - a.endsAt);
  if (last === undefined) return { endsAt: null, host: null };
  return { endsAt: last.endsAt, host: (await actionReader.get(last.action))?.approval?.host ?? null };
}
