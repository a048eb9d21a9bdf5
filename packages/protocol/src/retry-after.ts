/**
 * The ms that an answer asks to wait with `Retry-After`: seconds, or a date, which counts from the answer's own `Date` if
 * it has one, because clocks differ. 0 if it asks for nothing, or cannot be read.
 */
export function retryAfterMs(retryAfter: string | undefined, date: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - timeOf(date, now) : seconds * 1000;
  return ms > 0 && Number.isFinite(ms) ? ms : 0;
}

function timeOf(date: string | undefined, now: number): number {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? now : time;
}
