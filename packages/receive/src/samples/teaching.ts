import { GatepostError } from "@gatepost/core/errors";
import type { DecodedBody, TaughtBody, TriedReport } from "@gatepost/core/quarantine";
import { isObject, type Json, type JsonObject, type Mapping, mappedReaderOf, putBack } from "@gatepost/protocol";
import { isPictureText, leavesOf } from "@gatepost/protocol/teaching";
import { Body, openBody } from "../decode/body.ts";
import { decode, type Part } from "../decode/decode.ts";
import { TooTolerant } from "../decode/limits.ts";
import type { Kept } from "../deliver/kept.ts";
import { openReading } from "../deliver/reading.ts";
import type { Understood } from "../deliver/understand.ts";
import type { ReceiverPorts } from "../ports.ts";

type Ports = Pick<ReceiverPorts, "room" | "largeBodies" | "settings" | "terminals" | "zones" | "knownMappings">;

/** Unpacked bytes of a body whose values are shown. */
const maxBytes = 4 * 1024 * 1024;

/** Characters that are nearly JSON. */
const maxTolerant = 192 * 1024;

/** Most leaves of a form that may name other parts of it. */
const maxNaming = 2000;

/** Reads the values of a body, as `receive` reads them. Throws 413 for a body that would keep other requests waiting. */
export async function decodeForTeaching(
  sent: TaughtBody,
  { room, terminals, zones }: Pick<Ports, "room" | "terminals" | "zones">,
): Promise<DecodedBody> {
  using held = room.hold(sent.box);
  const zone = await zones.of(sent.box, { isReplay: true });
  try {
    const opened = await openBody(new Body(Buffer.from(sent.body)), sent.headers["content-encoding"], held);
    if ("unreadable" in opened) return { values: [], unreadable: opened.unreadable, zone };
    if (opened.unpacked.length > maxBytes) throw tooLong();
    const read = decode(opened, sent.headers, { maxTolerant, terminals: terminals?.forms });
    if ("unreadable" in read) return { values: [], unreadable: read.unreadable, zone };
    const values = read.parts.map(objectIn).filter((value) => value !== null);
    return { values, unreadable: values.length > 0 ? null : "not-an-object", zone };
  } catch (error) {
    throw error instanceof TooTolerant ? tooLong() : error;
  }
}

function tooLong(): GatepostError {
  return new GatepostError(
    "too-large",
    "this report is too long to be shown: teach it by a shorter one of the same format",
  );
}

/** The value of a part; null if it is no object. */
function objectIn({ read, cut, left = [] }: Part): JsonObject | null {
  const value = "value" in read ? (read.withAttributes?.() ?? read.value) : null;
  if (!isObject(value)) return null;
  cut?.putBack(value, "all");
  const pictures = left.filter(({ text }) => isPictureText(text));
  for (const leaf of pictures.length === 0 ? [] : leavesOf(value, maxNaming).leaves) {
    const named = pictures.find(({ id, fileName, name }) => [id, fileName, name].includes(String(leaf.value)));
    if (named !== undefined) putBack(value, leaf.steps, named.text);
  }
  return value;
}

/** Reads a body by one mapping, as if it were the only one. */
export async function tryMapping(sent: TaughtBody, mapping: Mapping, ports: Ports): Promise<TriedReport[]> {
  using held = ports.room.hold(sent.box);
  const readers = [mappedReaderOf(mapping)];
  const origin = { ...sent, event: null };
  const only = { ...ports, knownMappings: { of: async () => readers } };
  using reading = await openReading(new Body(Buffer.from(sent.body)), origin, { held, isReplay: true }, only);
  if (reading.unreadable !== null) return [{ unreadable: reading.unreadable, value: null }];
  const tried: TriedReport[] = [];
  for (let some = await reading.next(); some.length > 0; some = await reading.next())
    for (const one of some) tried.push(await triedOf(one, sent, ports));
  return tried;
}

async function triedOf(
  { understood, release, kept }: Understood,
  sent: TaughtBody,
  ports: Ports,
): Promise<TriedReport> {
  if ("boxStatus" in understood) return { sign: understood.boxStatus.kind };
  if ("unreadable" in understood)
    return { unreadable: understood.unreadable, value: await valueIn(await kept(), sent, ports) };
  const { eventId, report, pictures } = understood.passing;
  const copied = [...pictures].map(([kind, one]) => [kind, { ...one, data: Buffer.from(one.data) }] as const);
  release();
  return { passing: { eventId, report, pictures: new Map(copied) } };
}

async function valueIn({ bytes, headers }: Kept, sent: TaughtBody, ports: Ports): Promise<Json> {
  const { values } = await decodeForTeaching({ ...sent, headers, body: bytes }, ports);
  return values[0] ?? null;
}
