import { minuteMs, type ShownBox } from "@gatepost/protocol";
import * as z from "zod";
import { spanInWords } from "./boxes.ts";
import type { Api } from "./client.ts";

const flagsSchema = z.object({ flags: z.array(z.object({ flag: z.string(), box: z.string(), count: z.number() })) });

/** How often each flag came in the last day, by box. */
export type BoxFlags = ReadonlyMap<string, ReadonlyMap<string, number>>;

export async function flagsOfDay(api: Api): Promise<BoxFlags> {
  const { flags } = await api.ask("GET /v1/flags", { answer: flagsSchema });
  const byBox = Map.groupBy(flags, ({ box }) => box);
  return new Map([...byBox].map(([box, all]) => [box, new Map(all.map(({ flag, count }) => [flag, count]))]));
}

/** A clock that is off by less counts as right. */
const wrongMs = minuteMs;

/**
 * How the clock of a box is, in words; null where nothing is known of it. A box that sends old reports looks like one
 * whose clock is behind.
 */
export function clockInWords(
  { id, clock: { skewMs } }: Pick<ShownBox, "id" | "clock">,
  flags: BoxFlags,
): string | null {
  if (isUnusable(id, flags)) return "unusable";
  if (skewMs === null) return null;
  if (Math.abs(skewMs) < wrongMs) return "right";
  return `${spanInWords(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`;
}

/** Whether somebody should look at the clock of a box. */
export function isClockWrong({ id, clock: { skewMs } }: Pick<ShownBox, "id" | "clock">, flags: BoxFlags): boolean {
  return isUnusable(id, flags) || (skewMs !== null && Math.abs(skewMs) >= wrongMs);
}

/** Whether the box sent times in the last day that cannot be right. */
function isUnusable(box: string, flags: BoxFlags): boolean {
  return flags.get(box)?.has("clock") === true;
}
