import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import { readXml } from "@gatepost/receive/terminals";
import * as z from "zod";
import { limitedJsonOrNull } from "../limited-json.ts";
import { BoxError } from "../se5/box-error.ts";
import type { Span } from "../se5/history.ts";
import { isAnswered, type TerminalHttp } from "../terminals/terminal-http.ts";
import { TerminalClock } from "./terminal-clock.ts";

/** A terminal as it describes itself. */
export interface Hikvision {
  /** Its MAC as it writes it; null if it does not. */
  mac: string | null;
  name: string | null;
  clock: TerminalClock;
}

/** Most records that a terminal gives at once. */
const perPage = 30;
/** Most pages of one search: more records than any terminal keeps. */
const maxPages = 10_000;
/** Access events. Others are alarms, exceptions and operations. */
const accessMajor = 5;
const maxPicture = 5 * 1024 * 1024;

const records = z.object({
  AcsEvent: z.object({
    responseStatusStrg: z.string().catch(""),
    InfoList: z.array(z.record(z.string(), z.json())).optional(),
  }),
});

/** A text within XML of two levels; null if it is not there. */
export function textIn(answer: Json | undefined, name: string): string | null {
  const root = isObject(answer) ? Object.values(answer).find(isObject) : undefined;
  const sent = root?.[name];
  return typeof sent === "string" && sent.trim() !== "" ? sent.trim().slice(0, 512) : null;
}

/** Asks the terminal who it is, and for the time on its clock. Throws BoxError. */
export async function askTerminal(http: TerminalHttp, now: () => number, signal: AbortSignal): Promise<Hikvision> {
  const ask = async (path: string) => readXml((await http.ask({ path, maxBytes: 64 * 1024 }, signal)).toString());
  const info = await ask("/ISAPI/System/deviceInfo");
  if (info === undefined) throw new BoxError("/ISAPI/System/deviceInfo: no terminal of Hikvision answers there");
  const time = await unlessRefused(ask("/ISAPI/System/time"));
  const clock = new TerminalClock(textIn(time, "localTime") ?? "", now());
  return { mac: textIn(info, "macAddress"), name: textIn(info, "deviceName"), clock };
}

/** The value, or null if the terminal refuses the request. Another error is thrown. */
export async function unlessRefused<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BoxError && refusals.has(error.status)) return null;
    throw error;
  }
}

/** Statuses of firmware that does not have an address, or does not know a request. */
const refusals: ReadonlySet<number | null> = new Set([400, 403, 404, 405, 501]);

/** The kept records of access between two times on the terminal's clock, a page at a time. Throws BoxError. */
export async function* readPages(
  http: Pick<TerminalHttp, "ask">,
  { span, clock, searchId }: { span: Span; clock: TerminalClock; searchId: string },
  signal: AbortSignal,
): AsyncGenerator<JsonObject[]> {
  const path = "/ISAPI/AccessControl/AcsEvent?format=json";
  let before = new Set<string>();
  for (let position = 0, page = 0; ; page++) {
    if (page === maxPages) throw new BoxError("/ISAPI/AccessControl/AcsEvent: the terminal gives records without end");
    const condition = {
      searchID: searchId,
      searchResultPosition: position,
      maxResults: perPage,
      major: accessMajor,
      minor: 0,
      startTime: clock.write(span.from),
      endTime: clock.write(span.to),
      picEnable: true,
    };
    const body = JSON.stringify({ AcsEventCond: condition });
    const read = records.safeParse(limitedJsonOrNull(await http.ask({ method: "POST", path, body }, signal)));
    if (!read.success)
      throw new BoxError("/ISAPI/AccessControl/AcsEvent: the terminal answers something else than documented");
    const { responseStatusStrg, InfoList: found = [] } = read.data.AcsEvent;
    const fresh = found.filter((record) => !before.has(JSON.stringify(record)));
    before = new Set(found.map((record) => JSON.stringify(record)));
    if (fresh.length > 0) yield fresh;
    // A page without a new record is the last one, even if the terminal names more.
    if (responseStatusStrg.toUpperCase() !== "MORE" || fresh.length === 0) return;
    position += found.length;
  }
}

/** The JPEG of a record; null if the terminal no longer has it. Throws BoxError. */
export async function readPicture(
  http: Pick<TerminalHttp, "ask">,
  url: Json | undefined,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const path = pathOf(url);
  if (path === null) return null;
  try {
    const bytes = await http.ask({ path, maxBytes: maxPicture }, signal);
    return isJpeg(bytes) ? bytes : null;
  } catch (error) {
    // Else one picture that the terminal never gives would hold up all records.
    if (isAnswered(error)) return null;
    throw error;
  }
}

/** The path alone: the terminal may name an address that it does not have here. */
function pathOf(url: Json | undefined): string | null {
  if (typeof url !== "string" || url.length > 2048 || !URL.canParse(url, "http://terminal")) return null;
  const { protocol, pathname, search } = new URL(url, "http://terminal");
  return /^https?:$/.test(protocol) && pathname !== "/" ? pathname + search : null;
}

/** Whether bytes begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}
