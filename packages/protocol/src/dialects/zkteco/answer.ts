import type { TerminalAnswer } from "../../terminal.ts";
import { countLines } from "./table.ts";

const plain = (body: string): TerminalAnswer => ({ contentType: "text/plain", body });

/** The answer by which a terminal keeps its records and sends them again. It takes no other status than 200. */
export const notTaken = plain("ERROR\n");

const ok = plain("OK");

/** Tables whose lines are counted in the answer. */
const counted = new Set(["ATTLOG", "OPERLOG"]);

/** The answer to a body that is durable. */
export function taken(table: string, body: Buffer): TerminalAnswer {
  return counted.has(table.toUpperCase()) ? plain(`OK: ${countLines(body)}`) : ok;
}

/** Whether a terminal of this type is at a door, which it opens. */
export const isAtDoor = (type: string): boolean => type.toLowerCase() === "acc";

interface Asking {
  serial: string;
  /** `acc` for a terminal at a door. */
  type: string;
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
export function requested(action: string, { serial, type, zone, isRegistered }: Asking): TerminalAnswer {
  const registered = [`RegistryCode=${serial}`];
  const pushed = [...pushing, `SessionID=${serial}`, ...options(zone)];
  if (action === "registry") return lines(registered);
  if (action === "push") return lines(pushed);
  if (action !== "cdata" || (isAtDoor(type) && !isRegistered)) return ok;
  if (isAtDoor(type)) return lines(["registry=ok", ...registered, ...pushed]);
  return lines([`GET OPTION FROM: ${serial}`, ...options(zone)]);
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
