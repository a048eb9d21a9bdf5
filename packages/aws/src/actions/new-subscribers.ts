import { relayUntold } from "@gatepost/core/actions";
import { RecordKind } from "@gatepost/core/records";
import { minuteMs, type WantAction } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import { absent, any, present, type Rows } from "@gatepost/store";
import * as z from "zod/mini";

/**
 * `told`: the wanted actions that had subscribers at the last sweep, and how many passes over the waiting actions are
 * `left`. The next one begins at `due` (ms) and at the place `from`.
 */
const records = new RecordKind(
  "told",
  z.object({ wants: z.string(), left: z.number(), due: z.number(), from: z.string() }),
);

/** ms for which functions of the deployment before may still announce an action without its new subscriber. */
const overlapMs = 10 * minuteMs;

interface Deps {
  rows: Rows;
  /** The wanted actions that the deployment has subscribers for. */
  told: ReadonlySet<WantAction>;
}

/**
 * Announces waiting actions for new subscribers of the deployment: once when a sweep finds these first, and once when no
 * earlier function runs any more.
 *
 * @param withinMs ms after which no other batch is begun; the next sweep continues
 */
export async function relayToNewSubscribers(ports: Ports, { rows, told }: Deps, withinMs: number): Promise<void> {
  const now = ports.clock();
  const item = await rows.get(records.pk(""));
  const held = item === null ? { wants: "", left: 0, due: 0, from: "" } : records.read(item);
  const before = new Set(held.wants.split(","));
  const wants = [...told].sort().join(",");
  const isNew = [...told].some((want) => !before.has(want));
  const pass = isNew ? { wants, left: 2, due: now, from: "" } : { ...held, wants };
  // No other process writes it: the schedule runs one sweep at a time.
  const note = (change: Partial<typeof pass>) =>
    rows.write(records.record("", { ...pass, ...change }, any(absent(), present())));
  if (wants !== held.wants) await note({});
  if (pass.left === 0 || now < pass.due) return;
  const { next, failed } = await relayUntold(ports, { from: pass.from || null, wants: told, withinMs });
  if (next !== null || failed > 0) await note({ from: next ?? "" });
  else await note({ left: pass.left - 1, due: now + overlapMs, from: "" });
}
