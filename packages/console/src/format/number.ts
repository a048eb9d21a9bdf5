import { words } from "../words/index.ts";

export const count = (value: number) => value.toLocaleString(words.value.locale);

/** `38 KB`, `2.1 GB` */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** step;
  return `${value.toLocaleString(words.value.locale, { maximumFractionDigits: value < 10 && step > 1 ? 1 : 0 })} ${units[step]}`;
}

/** `0.2 s`, `26 ms`, or `0.2 秒`, `26 毫秒` */
export function shortMs(ms: number): string {
  const { locale, time } = words.value;
  if (Math.abs(ms) < 1000) return time.milliseconds(String(Math.round(ms)));
  return time.seconds((ms / 1000).toLocaleString(locale, { maximumFractionDigits: 1 }));
}
