import { gzipSync } from "node:zlib";
import { eventSchema, type JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import { anyMutant, textOf } from "../../support/mutations.ts";
import { runs } from "../../support/seeded.ts";
import { type Wrapped, wrappings } from "../../support/wrappings.ts";

/**
 * Whether a body may be a batch: as it is, as a form whose only field has a list, or once its identity_id is damaged.
 */
const mayBeBatch = (value: JsonObject) =>
  Object.keys(value).length < 2 || ["events", "data", "records"].some((name) => name in value);

/** Changes that networks and proxies make to the bytes of a body. */
const anyDamage: fc.Arbitrary<(sent: Wrapped) => Wrapped> = fc.oneof(
  { weight: 4, arbitrary: fc.constant((sent: Wrapped) => sent) },
  fc.double({ min: 0, max: 1, noNaN: true }).map((part) => ({ body, headers }: Wrapped) => ({
    headers,
    body: body.subarray(0, Math.ceil(body.length * part)),
  })),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => ({ body, headers }: Wrapped) => {
    const changed = Buffer.from(body);
    if (changed.length > 0) changed[at % changed.length] = byte;
    return { headers, body: changed };
  }),
  fc.constant(({ body, headers }: Wrapped) => ({ headers, body: gzipSync(body) })),
  fc.constant(({ body }: Wrapped) => ({ headers: {}, body })),
  fc.constantFrom("gbk", "utf-16le", "utf-16be", "nonsense").map((charset) => ({ body }: Wrapped) => ({
    headers: { "content-type": `application/json; charset=${charset}` },
    body,
  })),
);

const anySent = fc
  .tuple(anyMutant, fc.constantFrom(...wrappings), anyDamage)
  .filter(([body]) => !mayBeBatch(body))
  .map(([body, { name, wrap }, damage]) => {
    const mutant: JsonObject = JSON.parse(textOf(body));
    return { ...damage(wrap(mutant)), isTwice: name === "lines" };
  });

it("a report of any form, disturbed, wrapped and damaged, ends in one place", async () => {
  await fc.assert(
    fc.asyncProperty(anySent, async ({ body, headers, isTwice }) => {
      const { answer, deps, inEvents, inQuarantine, inHealth } = await deliver(body, { headers });
      expect(answer).toEqual(success);
      const reports = inEvents + inQuarantine + inHealth;
      // A damaged body of two lines may be two reports that differ, or one that cannot be read. If the damage is a line
      // break, there are three lines.
      if (isTwice) expect(reports).toBeOneOf([1, 2, 3]);
      // Without its boundary the next field of a form becomes lines of the previous one: lines that are no event are
      // kept one by one.
      else if (headers["content-type"]?.startsWith("multipart/")) expect(inEvents).toBeLessThanOrEqual(1);
      else expect(reports).toBe(1);
      expect(reports).toBeGreaterThanOrEqual(1);
      expect(deps.events().length).toBeLessThanOrEqual(inEvents);
      expect(deps.events().length).toBeGreaterThanOrEqual(Math.min(inEvents, 1));
      for (const event of deps.events()) expect(eventSchema.safeParse(event).error).toBeUndefined();
    }),
    runs(800),
  );
}, 1_200_000);
