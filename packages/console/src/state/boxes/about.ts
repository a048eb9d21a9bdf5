import type { Box } from "@gatepost/client";
import { duration } from "../../format/time.ts";
import { boxWords } from "../../words/boxes.ts";
import { words } from "../../words/index.ts";

/** What a box says it is, in one line. */
export function aboutBox({ about }: Box): string {
  if (about === null) return "";
  const { model, firmware, ip, via } = about;
  const versions = firmware === null ? null : boxWords.value.versions(firmware);
  const through = via === null || via === "direct" ? null : boxWords.value.via[via];
  return [model, versions, ip, through]
    .filter((part) => part !== null && part !== undefined && part !== "")
    .join(" · ");
}

/** `+1 d 3 h`, `−0.3 s` */
export function skewText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 100) / 10;
  // A clock that is right is neither ahead nor behind.
  const sign = seconds === 0 ? "" : ms < 0 ? "−" : "+";
  if (seconds < 90) return `${sign}${seconds.toLocaleString(words.value.locale, { maximumFractionDigits: 1 })} s`;
  return `${sign}${duration(Math.abs(ms))}`;
}

/** Beyond this a clock is shown as wrong. */
export const wrongClockMs = 60_000;

type DeviceHealth = Pick<Box["devices"][number], "isOnline" | "state">;

/** The colour of a device: bad if its box reports it offline, or it is silent. */
export function deviceTone({ isOnline, state }: DeviceHealth): { tone: "ok" | "bad"; mark: "ok" | "bad" } {
  const tone = isOnline === false || state === "silent" ? "bad" : "ok";
  return { tone, mark: tone };
}
