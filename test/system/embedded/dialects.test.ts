import type { FaceEvent } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture, routeOf } from "../../support/fixtures.ts";
import { type Wrapped, type Wrapping, wrappings } from "../../support/wrappings.ts";
import { serverOfSuite } from "./server-of-suite.ts";

/** A report of each dialect with all that its field table has, or the most that it can have. */
const dialects = [
  ["se3-realtime", "complete"],
  ["history-nested", "complete"],
  ["history-nested", "async-with-info"],
  ["history-flat", "complete"],
  ["history-v6", "complete"],
  ["ws-v5", "complete"],
  ["ws-v6", "complete"],
  ["platform-a", "complete"],
  ["platform-b", "complete"],
  ["stored-v5", "with-pictures"],
  ["stored-v6", "with-pictures"],
] as const;

/** What an event tells, without where and when it was delivered. */
function told(event: FaceEvent | undefined) {
  if (event === undefined) throw new Error("no event");
  const { id, receivedAt, reports, flags, pictures, actions, box, ...facts } = event;
  const hashes = Object.entries(pictures).map(([kind, picture]) => [kind, picture?.sha256]);
  const requested = actions.map(({ name, state }) => [name, state]);
  return { ...facts, serial: box.serial, pictures: Object.fromEntries(hashes), requested };
}

/** What a form tells of it: in free-form members its numbers are texts, and a face's box is not read from texts. */
function toldByForm(event: FaceEvent | undefined) {
  const { extra, person, quality, attributes, ...facts } = told(event);
  const { info, ...who } = person;
  return { ...facts, person: who, registrable: quality.registrable, age: attributes.age };
}

describe("a report through the server", () => {
  const suite = serverOfSuite();

  let delivered = 0;

  /** Delivers as a box that has delivered nothing else. */
  async function deliver({ body, headers }: Wrapped, route: string): Promise<FaceEvent[]> {
    const box = `box-${++delivered}`;
    const { token } = await suite.client.createKey(box);
    const url = `${suite.server.url}/${token}/${route}`;
    const answer = await fetch(url, { method: "POST", body: new Uint8Array(body), headers });
    expect(await answer.text()).toBe('{"message":"SUCCESS","status":0}');
    return suite.client.events(`&box=${box}`);
  }
  const cases = dialects.flatMap(([dialect, name]) =>
    wrappings.map((wrapping): [string, string, string, Wrapping] => [dialect, name, wrapping.name, wrapping]),
  );

  it.each(cases)("%s, %s, is one event in %s", async (dialect, name, _, { wrap, isTolerant, isForm }) => {
    const body = fixture(dialect, name);
    const [plain] = await deliver({ body: Buffer.from(JSON.stringify(body)), headers: {} }, routeOf(dialect));
    const [event, ...others] = await deliver(wrap(body), routeOf(dialect));
    expect(others).toEqual([]);
    const compared = isForm ? toldByForm : told;
    expect(compared(event)).toEqual(compared(plain));
    expect(event?.flags.includes("tolerant-parse")).toBe(isTolerant(body));
  });
});
