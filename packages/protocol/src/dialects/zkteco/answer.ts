import { dayMs, secondMs } from "../../durations.ts";
import type { TerminalAnswer } from "../../terminal.ts";
import { countLines } from "./table.ts";

const plain = (body: string): TerminalAnswer => ({ contentType: "text/plain", body });

/** The answer by which a terminal keeps its records and sends them again. It takes no other status than 200. */
export const notTaken = plain("ERROR\n");

const ok = plain("OK");

/** Tables whose lines are counted in the answer. */
const counted = new Set(["ATTLOG", "OPERLOG"]);

/** The table of a body, as its address names it. */
interface SentTable {
  table: string;
  /** The one among several, and the number of its lines; `-` if they are not named. */
  tableName: string;
  count: string;
}

/** The answer to a body that is durable. A table among several is sent again until its name and number come back. */
export function taken({ table, tableName, count }: SentTable, body: Buffer): TerminalAnswer {
  if (tableName !== "-") return plain(`${tableName}=${/^\d+$/.test(count) ? count : countLines(body)}`);
  return counted.has(table.toUpperCase()) ? plain(`OK: ${countLines(body)}`) : ok;
}

/** Whether a terminal of this type is at a door, which it opens. */
export const isAtDoor = (type: string): boolean => type.toLowerCase() === "acc";

interface Asking {
  serial: string;
  /** `acc` for a terminal at a door. */
  type: string;
  /** ms since 1970. */
  now: number;
  /** Minutes by which the clocks of the site are ahead of UTC; null if that is not known. */
  zone: number | null;
  /** Whether a terminal at a door has registered. */
  isRegistered: boolean;
}

/**
 * The answer to a request that brings no records: the options of a terminal that asks for them, `OK` to anything else. A
 * terminal at a door gets them once it has registered.
 *
 * @param action the part of the path after `/iclock`
 */
export function requested(action: string, { serial, type, now, zone, isRegistered }: Asking): TerminalAnswer {
  if (action === "rtdata" && type === "time" && zone !== null) return plain(timeText(now, zone));
  const registered = [`RegistryCode=${serial}`];
  const pushed = [...pushing, `SessionID=${serial}`, ...options(zone)];
  if (action === "registry") return lines(registered);
  if (action === "push") return lines(pushed);
  if (action !== "cdata" || (isAtDoor(type) && !isRegistered)) return ok;
  if (isAtDoor(type)) return lines(["registry=ok", ...registered, ...pushed]);
  return lines([`GET OPTION FROM: ${serial}`, ...options(zone)]);
}

/** The time by which a terminal at a door sets its clock: seconds of UTC, counted in months of 31 days from 2000 on. */
function timeText(now: number, zone: number): string {
  const at = new Date(now);
  const days = ((at.getUTCFullYear() - 2000) * 12 + at.getUTCMonth()) * 31 + at.getUTCDate() - 1;
  const seconds = Math.floor((now % dayMs) / secondMs);
  const [hours, minutes] = [Math.abs(zone) / 60, Math.abs(zone) % 60].map((one) =>
    `${Math.trunc(one)}`.padStart(2, "0"),
  );
  return `DateTime=${(days * dayMs) / secondMs + seconds},ServerTZ=${zone < 0 ? "-" : "+"}${hours}${minutes}`;
}

const lines = (all: readonly string[]) => plain(`${all.join("\n")}\n`);

/** The members that terminals at a door ask for. */
const pushing = [
  ...["ServerVersion=3.1.2", "ServerName=Gatepost", "PushVersion=3.1.2", "RequestDelay=10"],
  "TransTables=User Transaction",
];

/** The place in its records from which a terminal sends: all that it has not delivered. It remembers that itself. */
const stamp = 9999;

/**
 * What a terminal sends, and how often: no templates. Users are asked for from the beginning at each start. It sets its clock by the header `Date` and
 * `TimeZone`, so that is left out if the zone is not known.
 */
function options(zone: number | null): string[] {
  return [
    ...["Stamp", "ATTLOGStamp", "PhotoStamp", "ATTPHOTOStamp"].map((name) => `${name}=${stamp}`),
    ...["OpStamp=0", "OPERLOGStamp=0"],
    ...["ErrorDelay=30", "Delay=10", "TransTimes=00:00;14:05", "TransInterval=1"],
    "TransFlag=TransData AttLog\tOpLog\tAttPhoto\tEnrollUser\tChgUser",
    ...(zone === null ? [] : [`TimeZone=${zone % 60 === 0 ? zone / 60 : zone}`]),
    ...["Realtime=1", "Encrypt=None"],
  ];
}
