import { isUtf8 } from "node:buffer";
import type { FaceEvent } from "@gatepost/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { gatewayBody } from "../../standins/gateway-body.ts";
import { allCases, expectSameEvent, someCases } from "../../support/dialects.ts";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { isLong } from "../../support/seeded.ts";
import { type Wrapped, wrappings } from "../../support/wrappings.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

const kept = z.object({
  records: z.array(z.object({ reason: z.string(), event: z.object({ id: z.string() }).nullable() })),
});

/** Whether API Gateway makes a text of a body that is no UTF-8, so that some of it is lost. */
function isSpoilt({ body, headers }: Wrapped): boolean {
  return !(gatewayBody(body, headers).isBase64Encoded || isUtf8(body));
}

/**
 * One case for each way that a body goes here and nowhere else: what API Gateway makes of its headers and its bytes, and
 * whether the event that is stored is of a form or was read with tolerance; and one of each dialect, in which nothing is
 * lost. What arrives the same is read the same, and test/unit/receive has every dialect read in every wrapping.
 */
function casesByWay(): typeof allCases {
  const [ways, whole] = [new Set<string>(), new Set<string>()];
  return someCases.filter(([dialect, name, wrapping, { wrap, isForm, isTolerant }]) => {
    const body = fixture(dialect, name);
    const wrapped = wrap(body);
    const { isBase64Encoded } = gatewayBody(wrapped.body, wrapped.headers);
    const hasMark = wrapped.body.subarray(0, 3).equals(Buffer.from("\uFEFF"));
    const read = isSpoilt(wrapped) ? wrapping : [isForm, isTolerant(body), hasMark];
    const way = JSON.stringify([wrapped.headers, isBase64Encoded, read]);
    const report = `${dialect}/${name}`;
    const isNew = !ways.has(way) || !(isSpoilt(wrapped) || whole.has(report));
    ways.add(way);
    if (!isSpoilt(wrapped)) whole.add(report);
    return isNew;
  });
}

whereRehearsable(() => {
  describe("a report through the deployment", () => {
    let deps: Started;
    let delivered = 0;
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterAll(() => deps.stop());

    const deliverAs = async (box: string, { body, headers }: Wrapped, route: string): Promise<FaceEvent[]> => {
      const { token } = await deps.client.createKey(box);
      const url = `${deps.rehearsal.url}/${token}/${route}`;
      const answer = await fetch(url, { method: "POST", body: new Uint8Array(body), headers });
      expect([answer.status, await answer.text()]).toEqual([200, '{"message":"SUCCESS","status":0}']);
      return deps.client.events(`&box=${box}`);
    };
    const deliver = (wrapped: Wrapped, route: string) => deliverAs(`box-${++delivered}`, wrapped, route);

    /** Expects that nothing is lost unnoticed: it is kept, and an event that was made of it is flagged. */
    const expectKept = async (wrapped: Wrapped, route: string) => {
      const box = `box-${++delivered}`;
      const events = await deliverAs(box, wrapped, route);
      const { records } = kept.parse(await (await deps.client.get(`/v1/quarantine?box=${box}`)).json());
      // It is kept once, by the first reason that there is.
      const reason = events.length > 0 ? expect.stringMatching(/^(charset|picture|cut|unwrapped)$/) : "charset";
      expect(records).toMatchObject([{ reason, event: events.length > 0 ? { id: events[0]?.id } : null }]);
      expect(events.every(({ flags }) => flags.includes("charset"))).toBe(true);
    };

    it.each(isLong ? allCases : casesByWay())("%s, %s, is one event in %s, or is kept", async (...one) => {
      const [dialect, name, , { wrap }] = one;
      const wrapped = wrap(fixture(dialect, name));
      if (isSpoilt(wrapped)) await expectKept(wrapped, routeOf(dialect));
      else await expectSameEvent(one, deliver);
    });

    it.runIf(isLong).each(eventFixtures())(
      "%s, %s, is an event in every wrapping, or is kept",
      async (dialect, name) => {
        const body = fixture(dialect, name);
        const plain = await deliver({ body: Buffer.from(JSON.stringify(body)), headers: {} }, routeOf(dialect));
        for (const { wrap, name: wrapping } of wrappings) {
          const wrapped = wrap(body);
          if (isSpoilt(wrapped)) await expectKept(wrapped, routeOf(dialect));
          else expect((await deliver(wrapped, routeOf(dialect))).length, wrapping).toBe(plain.length);
        }
      },
    );
  });
});
