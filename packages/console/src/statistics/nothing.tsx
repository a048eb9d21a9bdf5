import { day } from "../format/time.ts";
import { Blank } from "../parts/loaded.tsx";
import { readPages, useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { statisticsWords } from "../words/statistics.ts";
import type { Shown } from "./shown.ts";

/** Pages of boxes that are read to find the first one. */
const mostPages = 10;

/** A period without passings. The text names the first day of all boxes, if that is later. */
export function Nothing({ shown: { stretch, filter } }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { state } = useLoading(`first sign ${JSON.stringify(filter)}`, (signal) =>
    firstSign(filter["site"]?.[0], signal),
  );
  const first = state.value.value;
  if (first !== null && first !== undefined && stretch.to <= first) {
    return <Blank icon="statistics" title={w.noneBefore(day(first))} />;
  }
  return <Blank icon="statistics" title={w.noneTitle} why={w.noneWhy} />;
}

/** When a box gave its first sign, ms since 1970; null if there is none yet, or if there are too many to say. */
async function firstSign(site: string | undefined, signal: AbortSignal): Promise<number | null> {
  const { items, isWhole } = await readPages<number>(
    (_, pages) => pages >= mostPages,
    async (from) => {
      const query = { ...from, ...(site === undefined ? {} : { site }) };
      const { boxes, next } = await gatepost().ask("GET /v1/boxes", { query, signal });
      return { items: boxes.flatMap(({ firstSeen }) => (firstSeen === null ? [] : [Date.parse(firstSeen)])), next };
    },
  );
  return isWhole && items.length > 0 ? Math.min(...items) : null;
}
