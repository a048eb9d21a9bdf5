import { Zone } from "./zone.ts";
import { zoneFault } from "./zone-fault.ts";

/**
 * The zone of this machine. Where `TZ` is not the name of a zone, as `CST-8`, `EST` or an empty text, it is the present offset
 * from UTC, as `+08:00`.
 */
export function machineZone(): Zone {
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    (name === undefined || zoneFault(name) !== null ? null : Zone.find(name)) ?? Zone.find(offsetNow()) ?? Zone.utc
  );
}

function offsetNow(): string {
  const ahead = -new Date().getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  const digits = [hours, minutes].map((number) => String(number).padStart(2, "0")).join(":");
  return ahead === 0 ? "UTC" : `${ahead < 0 ? "-" : "+"}${digits}`;
}
