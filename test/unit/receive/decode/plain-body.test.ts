import type { Json } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Body } from "../../../../packages/receive/src/decode/body.ts";
import { decode, type Part } from "../../../../packages/receive/src/decode/decode.ts";
import { fixture, fixtures } from "../../../support/fixtures.ts";
import { anyMutant, textOf } from "../../../support/mutations.ts";
import { runs } from "../../../support/seeded.ts";
import { type Wrapped, wrappings } from "../../../support/wrappings.ts";

/** The parts of a body, with their pictures put back. The blank in front of a body may be in the source of its part. */
function decoded({ body, headers }: Wrapped) {
  const read = decode(new Body(body), headers);
  if ("unreadable" in read) return read;
  return { ...read, parts: read.parts.map(restored) };
}

function restored({ read, cut, source, ...part }: Part) {
  const value = (sent: Json) => cut?.restored(sent) ?? sent;
  const whole = "value" in read ? { ...read, value: value(read.value) } : read;
  return { ...part, read: whole, source: Buffer.from(source()).toString("latin1").trimStart() };
}

/** The same body with a blank in front. Then it is searched for a form before it is read as JSON. */
function blankBefore({ body, headers }: Wrapped): Wrapped {
  return { headers, body: Buffer.concat([Buffer.from(" "), body]) };
}

/** So long that it is cut out of a body before the rest is parsed. */
const picture = "/9j/4AAQ".repeat(20_000);

const anyDamage = fc.oneof(
  { weight: 3, arbitrary: fc.constant((sent: Wrapped) => sent) },
  fc.double({ min: 0, max: 1, noNaN: true }).map((part) => ({ body, headers }: Wrapped) => ({
    headers,
    body: body.subarray(0, Math.ceil(body.length * part)),
  })),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => ({ body, headers }: Wrapped) => {
    const changed = Buffer.from(body);
    if (changed.length > 0) changed[at % changed.length] = byte;
    return { headers, body: changed };
  }),
  fc.constantFrom("\0", "\n", " \r\n", "x", "}", "{}", "\n{}", ",{}", "=1", "&a=b").map((after) => {
    return ({ body, headers }: Wrapped) => ({ headers, body: Buffer.concat([body, Buffer.from(after)]) });
  }),
  fc.constant(({ body, headers }: Wrapped) => ({
    headers,
    body: Buffer.concat([Buffer.from(`{"name":"小明","spot_pic":"${picture}",`), body.subarray(1)]),
  })),
  fc.constantFrom("gbk", "iso-8859-1", "utf-8", "nonsense").map((charset) => ({ body }: Wrapped) => ({
    headers: { "content-type": `application/json; charset=${charset}` },
    body,
  })),
);

/** Bodies that begin with a bracket. With a zero after it, a body is UTF-16. */
const anyObject = fc
  .tuple(anyMutant, fc.constantFrom(...wrappings), anyDamage, anyDamage)
  .map(([mutant, { wrap }, damage, another]) => another(damage(wrap(JSON.parse(textOf(mutant))))))
  .filter(({ body }) => body[0] === 0x7b && body[1] !== 0);

describe("a body has the same parts with and without a blank before its first bracket:", () => {
  it.each(fixtures())("%s/%s", (dialect, name) => {
    const body = Buffer.from(JSON.stringify(fixture(dialect, name)));
    const sent = { body, headers: { "content-type": "application/json" } };
    expect(decoded(sent)).toEqual(decoded(blankBefore(sent)));
  });

  it("any hostile body", () => {
    fc.assert(
      fc.property(anyObject, (sent) => {
        expect(decoded(sent)).toEqual(decoded(blankBefore(sent)));
      }),
      runs(500),
    );
  });
});
