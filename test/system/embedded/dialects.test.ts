import type { FaceEvent } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { expectSameEvent, someCases } from "../../support/dialects.ts";
import type { Wrapped } from "../../support/wrappings.ts";
import { serverOfSuite } from "./server-of-suite.ts";

describe("a report through the server", () => {
  const suite = serverOfSuite();

  let delivered = 0;

  async function deliver({ body, headers }: Wrapped, route: string): Promise<FaceEvent[]> {
    const box = `box-${++delivered}`;
    const { token } = await suite.client.createKey(box);
    const url = `${suite.server.url}/${token}/${route}`;
    const answer = await fetch(url, { method: "POST", body: new Uint8Array(body), headers });
    expect(await answer.text()).toBe('{"message":"SUCCESS","status":0}');
    return suite.client.events(`&box=${box}`);
  }

  it.each(someCases)("%s, %s, is one event in %s", async (...one) => expectSameEvent(one, deliver));
});
