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

    it.each(isLong ? allCases : someCases)("%s, %s, is one event in %s, or is kept", async (...one) => {
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
