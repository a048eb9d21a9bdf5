import type { Life, Pauses } from "./life.ts";
import type { BoxRecord } from "./record.ts";

/** Removes the pauses of past hours from a record, because they do not change any more, and returns them by device. */
export function partPauses(
  record: BoxRecord,
  hour: number,
): { record: BoxRecord; over: { device: string | null; pauses: Pauses }[] } {
  const { activity } = record;
  if (activity === null) return { record, over: [] };
  const over: { device: string | null; pauses: Pauses }[] = [];
  const parted = <L extends Life>(life: L, device: string | null): L => {
    const [done, open] = partedAt(life.pauses, hour);
    if (Object.keys(done).length > 0) over.push({ device, pauses: done });
    return { ...life, pauses: open };
  };
  const life = activity.life === null ? null : parted(activity.life, null);
  const devices = Object.fromEntries(Object.entries(activity.devices).map(([id, device]) => [id, parted(device, id)]));
  return { record: { ...record, activity: { ...activity, life, devices } }, over };
}

function partedAt(pauses: Pauses, hour: number): [over: Pauses, open: Pauses] {
  const entries = Object.entries(pauses);
  return [
    Object.fromEntries(entries.filter(([of]) => Number(of) < hour)),
    Object.fromEntries(entries.filter(([of]) => Number(of) >= hour)),
  ];
}
