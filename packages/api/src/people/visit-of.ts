import type { Libraries } from "@gatepost/core/sites";
import type { ApiPorts } from "../ports.ts";

/** Until when a visitor may enter, ms, and whom the visitor visits; null if unknown. */
export interface VisitFacts {
  endsAt: number | null;
  host: string | null;
}

/**
 * The visit of a person of a library that has not ended; the one that ends last, if there are several. Nothing is read for
 * people who are no visitors.
 */
export async function visitOf(
  { id, type, library }: { id: string; type: string; library: string },
  libraries: Pick<Libraries, "of">,
  { visits, clock }: Pick<ApiPorts, "visits" | "clock">,
): Promise<VisitFacts> {
  if (type !== "visitor") return { endsAt: null, host: null };
  const found = (await visits.of(id)).filter(
    ({ boxes, ends }) => ends > clock() && boxes.some((box) => libraries.of(box) === library),
  );
  const [last] = found.toSorted((a, b) => b.ends - a.ends);
  return { endsAt: last?.ends ?? null, host: last?.host ?? null };
}
