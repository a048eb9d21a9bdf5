import { boxSchema, dayMs, hourMs, minuteMs, type ShownBox, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import type { Api } from "./client.ts";
import { pagesOf } from "./pages.ts";

const page = z.object({ boxes: z.array(boxSchema), next: z.string().nullable() });

/** All boxes, the silent ones first. */
export async function allBoxes(api: Api): Promise<ShownBox[]> {
  const found: ShownBox[] = [];
  const ask = (cursor: string | undefined) => api.ask("GET /v1/boxes", { query: { limit: 100, cursor }, answer: page });
  for await (const { boxes } of pagesOf(ask)) found.push(...boxes);
  return found;
}

const units = [
  ["d", dayMs],
  ["h", hourMs],
  ["min", minuteMs],
  ["s", secondMs],
] as const;

/** A time span in its largest unit, as `22 min`. */
export function spanInWords(ms: number): string {
  const [unit, length] = units.find(([, of]) => ms >= of) ?? ["s", secondMs];
  return `${Math.round((ms / length) * 10) / 10} ${unit}`;
}
