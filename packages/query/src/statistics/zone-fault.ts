import { Zone } from "./zone.ts";

/** The two likely zones of each ambiguous abbreviation. The platform would take one of them, or a third, in silence. */
const ambiguous: Record<string, readonly [string, string]> = {
  ACT: ["Australia/Darwin", "America/Rio_Branco"],
  ADT: ["America/Halifax", "Asia/Baghdad"],
  AMT: ["America/Manaus", "Asia/Yerevan"],
  ART: ["America/Argentina/Buenos_Aires", "Africa/Cairo"],
  AST: ["America/Halifax", "Asia/Riyadh"],
  BST: ["Europe/London", "Asia/Dhaka"],
  CAT: ["Africa/Maputo", "America/Anchorage"],
  CDT: ["America/Chicago", "America/Havana"],
  CST: ["Asia/Shanghai", "America/Chicago"],
  ECT: ["America/Guayaquil", "Europe/Paris"],
  EDT: ["America/New_York", "Australia/Sydney"],
  EST: ["America/New_York", "Australia/Sydney"],
  GST: ["Asia/Dubai", "Pacific/Guam"],
  IST: ["Asia/Kolkata", "Asia/Jerusalem"],
  MST: ["America/Denver", "Asia/Kuala_Lumpur"],
  NST: ["America/St_Johns", "Pacific/Auckland"],
  PST: ["America/Los_Angeles", "Asia/Manila"],
  SST: ["Asia/Singapore", "Pacific/Pago_Pago"],
  WST: ["Australia/Perth", "Pacific/Apia"],
};

/** Names of three letters that mean one zone. The platform knows others, each for one of several meanings. */
const plain = new Set(["CET", "EET", "GMT", "HST", "JST", "MET", "PRC", "ROC", "ROK", "UCT", "UTC", "WET"]);

/** A city without summer time at each offset, by hours ahead of UTC. */
const cities: Record<string, string> = {
  "-10": "Pacific/Honolulu",
  "-7": "America/Phoenix",
  "-6": "America/Mexico_City",
  "-5": "America/Bogota",
  "-4": "America/Caracas",
  "-3": "America/Sao_Paulo",
  "1": "Africa/Lagos",
  "2": "Africa/Johannesburg",
  "3": "Europe/Moscow",
  "4": "Asia/Dubai",
  "5": "Asia/Karachi",
  "6": "Asia/Dhaka",
  "7": "Asia/Bangkok",
  "8": "Asia/Shanghai",
  "9": "Asia/Tokyo",
  "10": "Australia/Brisbane",
};

const usual = "must be a time zone as Asia/Shanghai";

/** Why a name that a person gives is not taken as a time zone, in words; null if it is one. */
export function zoneFault(name: string): string | null {
  const sought = name.toUpperCase();
  const [one, other] = ambiguous[sought] ?? [];
  if (one !== undefined) return `${sought} is the name of several time zones: write ${one} or ${other}`;
  const isTaken = (sought.length !== 3 || plain.has(sought)) && Zone.find(name) !== null;
  return isTaken ? null : offsetFault(name);
}

/** `Etc/GMT-8` is ahead of UTC by 8 hours: there the sign is the other way round. */
function offsetFault(name: string): string {
  // A plus that was not escaped in an address arrives as a blank.
  const [, sign, digits] = /^(?:UTC|GMT)([-+ ])0?(\d{1,2})(?::?00)?$/i.exec(name) ?? [];
  const hours = Number(digits) * (sign === "-" ? -1 : 1);
  const offset = `Etc/GMT${hours < 0 ? "+" : "-"}${Math.abs(hours)}`;
  if (digits === undefined || hours === 0 || Zone.find(offset) === null) return usual;
  const named = [cities[hours], offset].filter((one) => one !== undefined).join(" or ");
  return `must be a time zone: write ${named} for this offset`;
}
