import { minuteMs } from "../../durations.ts";
import type { Json, JsonObject } from "../../json.ts";
import { clockText, type LocalTimes, wallClock } from "../../local-time.ts";
import { type TerminalAnswer, textIn } from "../../terminal.ts";

/** Zones differ by whole quarters of an hour. */
const zoneStepMs = 15 * minuteMs;

/**
 * The answer to a notification, without which the terminal sends it again, or to a heartbeat, whose time becomes the time
 * of the terminal's clock.
 */
export function univiewAnswer(value: JsonObject, times: { now: number; local: LocalTimes }): TerminalAnswer {
  const time = JSON.stringify(siteTime(value, times));
  const body =
    "Seq" in value
      ? `{"Response":{"ResponseURL":"/LAPI/V1.0/PACS/Controller/Event/Notifications","StatusCode":0,"StatusString":"Succeed","Data":{"RecordID":${recordId(value["Seq"])},"Time":${time}}}}`
      : `{"ResponseURL":"/LAPI/V1.0/PACS/Controller/HeartReportInfo","Code":0,"Data":{"Time":${time}}}`;
  return { contentType: "application/json", body };
}

/** Characters of the longest number that is repeated; 64 bits have 20. */
const maxSeqLength = 64;

/**
 * The number of a notification as it was sent. A reader of JSON gives an integer that a double cannot hold as a text of
 * its digits.
 */
function recordId(seq: Json | undefined): string {
  const text = typeof seq === "object" || String(seq).length > maxSeqLength ? "null" : JSON.stringify(seq);
  const digits = /^"(-?[1-9]\d{15,})"$/.exec(text)?.[1];
  return digits === undefined || Number.isSafeInteger(Number(digits)) ? text : digits;
}

/**
 * The time on the clocks of the site. If its zone is not known, the terminal's own clock shows the zone to the quarter of
 * an hour, so a wrong clock is corrected and its zone stays.
 */
function siteTime(value: JsonObject, { now, local }: { now: number; local: LocalTimes }): string {
  const known = local.textOf(now);
  if (known !== null) return known;
  const sent = wallClock(textIn(value, "Time"));
  const ahead = sent === null ? 0 : Math.round((sent - now) / zoneStepMs) * zoneStepMs;
  return clockText(now + (Math.abs(ahead) > maxAheadMs ? 0 : ahead));
}

/** No zone is further from UTC. */
const maxAheadMs = 14 * 60 * minuteMs;
