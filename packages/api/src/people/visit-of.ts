import type { ApiPorts } from "../ports.ts";
import { librariesOf } from "./passed.ts";

/** Until when a visitor may enter, ms, and whom the visitor visits; null if unknown. */
export interface VisitFacts {
  endsAt: number | null;
  host: string | null;
}

const none: VisitFacts = { endsAt: null, host: null };

/**
 * The visits of people of libraries that have not ended, in the same order; of each person the one that ends last. Nothing is
 * read if none of them is a visitor.
 */
export async function visitsOf(
  people: readonly { id: string; type: string; library: string }[],
  deps: Pick<ApiPorts, "visits" | "clock" | "boxes" | "sites">,
): Promise<VisitFacts[]> {
  if (people.every(({ type }) => type !== "visitor")) return people.map(() => none);
  const libraries = await librariesOf(deps);
  const found = people.map(async ({ id, type, library }) => {
    if (type !== "visitor") return none;
    const visits = (await deps.visits.of(id)).filter(
      ({ boxes, ends }) => ends > deps.clock() && boxes.some((box) => libraries.of(box) === library),
    );
    const [last] = visits.toSorted((a, b) => b.ends - a.ends);
    return { endsAt: last?.ends ?? null, host: last?.host ?? null };
  });
  return Promise.all(found);
}
