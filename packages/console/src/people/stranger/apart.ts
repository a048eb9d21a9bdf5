import { minuteMs } from "../../format/durations.ts";

/** How far one passing is from another, in whole minutes or, from two hours on, in whole hours. */
export interface Apart {
  is: "before" | "after";
  unit: "minutes" | "hours";
  count: number;
}

/** Times are ISO instants. */
export function apartFrom(shown: string, other: string): Apart {
  const minutes = (Date.parse(other) - Date.parse(shown)) / minuteMs;
  const inMinutes = Math.round(Math.abs(minutes));
  const unit = inMinutes < 120 ? "minutes" : "hours";
  return {
    is: minutes < 0 ? "before" : "after",
    unit,
    count: unit === "minutes" ? inMinutes : Math.round(inMinutes / 60),
  };
}
