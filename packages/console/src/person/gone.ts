import { day } from "../format/time.ts";
import type { Failure } from "../state/failure.ts";

/** Whether the server has no such person, or no longer; not a missing route of an older server. */
export const isNoMore = ({ status, detail }: Failure) =>
  status === 410 || (status === 404 && /no such person/.test(detail));

/** The day of an erasure by the server's answer; null if it does not say it. */
export function erasedOn({ detail }: Failure): string | null {
  const at = Date.parse(/\bat (\d{4}-[\dT:.-]+Z)/.exec(detail)?.[1] ?? "");
  return Number.isNaN(at) ? null : day(at);
}
