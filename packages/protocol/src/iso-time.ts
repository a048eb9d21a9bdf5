/** Characters of the longest text that is looked at. */
const maxLength = 48;

/** A day, a time of day and a zone, with or without their separators. A form may have made a blank of the zone's plus, and the zone's hour may have one digit. */
const form =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)([.,]\d{1,9})?)? ?(?:Z|([-+ ])([01]?\d|2[0-3])(?::?([0-5]\d))?:?)$/i;

/**
 * Milliseconds since 1970 of an ISO 8601 text with its zone, as `2026-03-01T20:00:00+08:00`. Null for any other text, also
 * for one without a zone: nobody knows where the box takes itself to be.
 */
export function isoMilliseconds(sent: string): number | null {
  const parts = sent.length > maxLength ? null : form.exec(sent.trim());
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", sign, zoneHour = "0", zoneMinute = "0"] =
    parts;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, "2026-03-01".length) !== `${year}-${month}-${day}`) return null;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second) + Number(fraction.replace(",", "."));
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -60 : 60);
  return midnight + Math.round((seconds - zone) * 1000);
}
