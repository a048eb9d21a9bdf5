import type { TerminalAnswer } from "../../terminal.ts";

const plain = (body: string): TerminalAnswer => ({ contentType: "text/plain", body });

/** The answer by which a terminal keeps its records and sends them again. It takes no other status than 200. */
export const notTaken = plain("ERROR\n");

const ok = plain("OK");

/** Tables whose lines are counted in the answer. */
const counted = new Set(["ATTLOG", "OPERLOG"]);

/** The answer to a body of so many lines that are durable. */
export function taken(table: string, lines: number): TerminalAnswer {
  return counted.has(table.toUpperCase()) ? plain(`OK: ${lines}`) : ok;
}

interface Asking {
  serial: string;
  /** `acc` for a terminal at a door. */
  type: string;
  /** Minutes by which the clocks of the site are ahead of UTC; null if that is not known. */
  zone: number | null;
}

/**
 * The answer to a request that brings no records: the options of a terminal that asks for them, `OK` to anything else.
 *
 * @param action the part of the path after `/iclock`
 */
export function requested(action: string, { serial, type, zone }: Asking): TerminalAnswer {
  const isOfDoor = type.toLowerCase() === "acc";
  if (action === "cdata")
    return lines(isOfDoor ? registered(serial, zone) : [`GET OPTION FROM: ${serial}`, ...options(zone)]);
  if (action === "registry") return lines([`RegistryCode=${serial}`]);
  if (action === "push") return lines([...pushing, ...options(zone)]);
  return ok;
}

const lines = (all: readonly string[]) => plain(`${all.join("\n")}\n`);

/** The members that terminals at a door ask for. A terminal that is registered anew needs no other answer. */
const pushing = ["ServerVersion=3.1.2", "ServerName=Gatepost", "PushVersion=3.1.2", "RequestDelay=10"];

function registered(serial: string, zone: number | null): string[] {
  return ["registry=ok", `RegistryCode=${serial}`, ...pushing, "TransTables=User Transaction", ...options(zone)];
}

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
