import { words } from "../words/index.ts";
import { minuteMs } from "./durations.ts";
import { duration } from "./time.ts";

export const count = (value: number) => value.toLocaleString(words.value.locale);

/** `38 KB`, `2.1 GB`, by thousands, as disks are sold and `gatepost status` counts. */
export const size = (bytes: number) => inUnits(bytes, 1000, ["B", "KB", "MB", "GB", "TB"]);

/** `64 MiB`: a limit is set by powers of 1024. */
export const limitSize = (bytes: number) => inUnits(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);

function inUnits(bytes: number, base: 1000 | 1024, units: readonly string[]): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(base)));
  const value = bytes / base ** step;
  return `${value.toLocaleString(words.value.locale, { maximumFractionDigits: value < 10 && step > 1 ? 1 : 0 })} ${units[step]}`;
}

/** `26 ms`, `0.2 s`, `10 days 12 h`, in the language of the page. */
export function shortMs(ms: number): string {
  const { locale, time } = words.value;
  if (ms >= minuteMs) return duration(ms);
  if (Math.abs(ms) < 1000) return time.milliseconds(String(Math.round(ms)));
  return time.seconds((ms / 1000).toLocaleString(locale, { maximumFractionDigits: 1 }));
}
