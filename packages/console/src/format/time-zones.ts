import { minuteMs } from "../format/durations.ts";

/** Zones differ by whole quarters of an hour. */
const stepMs = 15 * minuteMs;

/** ms by which a clock that is right may differ from ours, with the delay of its reports. */
const tolerance = 2 * minuteMs;

/** Whether the platform knows a time zone, as `Asia/Shanghai`. */
export function isZone(zone: string): boolean {
  try {
    return zone !== "" && Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== "";
  } catch {
    return false;
  }
}

/** The zone of this browser, as `Asia/Shanghai`. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The offset from UTC that the times of a box suggest, as `UTC+05:30`; null if its clock seems right, or is wrong by
 * another time than zones differ.
 *
 * @param zone in which its times are read
 * @param skewMs how far its times are ahead
 * @param now ms since 1970
 */
export function suggestedOffset(zone: string, skewMs: number, now: number): string | null {
  const ahead = Math.round(skewMs / stepMs) * stepMs;
  if (ahead === 0 || Math.abs(skewMs - ahead) > tolerance) return null;
  const minutes = (offsetOf(zone, now) + ahead) / minuteMs;
  const part = (value: number) => String(value).padStart(2, "0");
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "−" : "+"}${part(hours)}:${part(rest)}`;
}

/** ms by which the clocks of a zone are ahead of UTC, in whole minutes. */
function offsetOf(zone: string, now: number): number {
  const format = Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const shown = format.formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign = "+", hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(shown) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs;
}
