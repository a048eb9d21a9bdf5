import { readdirSync, readFileSync } from "node:fs";
import type { FaceEvent, Json, JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { jpeg as picture, sha256 } from "../../support/pictures.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime } from "./support.ts";

/** A body of an unknown format, and what becomes of it. */
interface Taught {
  headers: Record<string, string>;
  zone?: string;
  expect: (JsonObject & { pictures?: Record<string, string> })[];
  others?: { body: Json; sign: string }[];
  /** What a person changes in the suggested mapping. */
  corrections: Record<string, JsonObject>;
}

const folder = new URL("../../mappings/", import.meta.url);
const cases = readdirSync(folder).map((name) => ({
  name,
  taught: JSON.parse(readFileSync(new URL(`${name}/taught.json`, folder), "utf8")) as Taught,
  body: readFileSync(new URL(`${name}/body`, folder)),
}));

async function asAdministrator() {
  const deps = await runtime();
  const headers = await signedIn(deps, await addAccount(deps, "administrator", { boxes: null }));
  const asBytes = async (path: string) => {
    const answer = await deps.ask(path, { headers });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await deps.ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  /** Delivers a body of an unknown format. Returns the ids of its records. */
  const keep = async (body: unknown, sent: Record<string, string> = {}) => {
    const before = new Set(deps.ingest.records.keys());
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    await deps.deliver(bytes, { headers: sent });
    return [...deps.ingest.records.keys()].filter((id) => !before.has(id));
  };
  return { ...deps, ask, asBytes, keep };
}

/** A suggested mapping with the corrections of a person, and how many these are. */
function corrected(mapping: JsonObject, corrections: Taught["corrections"]) {
  const [result, count] = [{ ...mapping }, { of: 0 }];
  for (const [member, changes] of Object.entries(corrections)) {
    const isTable = member === "fields" || member === "pictures";
    result[member] = isTable ? { ...(result[member] as JsonObject), ...changes } : changes;
    count.of += isTable ? Object.keys(changes).length : 1;
  }
  return { mapping: result, count: count.of };
}

/** What a case says about an event, with its pictures by their hashes. */
function expectEvent(event: FaceEvent, { pictures, ...told }: Taught["expect"][number]) {
  const hashes = Object.fromEntries(Object.entries(event.pictures).map(([kind, one]) => [kind, one.sha256]));
  const seeds = Object.entries(pictures ?? {}).map(([kind, seed]) => [kind, sha256(picture(seed))]);
  expect(hashes).toEqual(Object.fromEntries(seeds));
  expect(event).toMatchObject(told);
}

describe("teaching a format", () => {
  it.each(cases)("takes at most four corrections of the suggested mapping: $name", async ({ taught, body }) => {
    const { ask, asBytes, keep, ingest } = await asAdministrator();
    if (taught.zone !== undefined) await ingest.reads.boxes.writer.set("gate-1", { zone: taught.zone });
    const records = await keep(body, taught.headers);
    const others = await Promise.all((taught.others ?? []).map(({ body: other }) => keep(other)));
    const { body: suggested } = await ask("POST", "/v1/mappings/suggest", { records: [...records, ...others.flat()] });
    const { mapping, count } = corrected(suggested.mapping, taught.corrections);
    expect(count).toBeLessThanOrEqual(4);
    expect(mapping).toMatchObject({ name: "gate-1", box: "gate-1" });

    const tried = await ask("POST", "/v1/mappings/try", { mapping, records });
    expect(tried.status).toBe(200);
    const outcomes: { is: string; event: FaceEvent }[] = tried.body.results.flatMap(
      (one: { outcomes: object[] }) => one.outcomes,
    );
    const events = outcomes.flatMap((one) => (one.is === "event" ? [one.event] : []));
    events.sort((a, b) => a.timestamp - b.timestamp);
    expect(events).toHaveLength(taught.expect.length);
    for (const [at, told] of taught.expect.entries()) {
      const event = events[at] as FaceEvent;
      expectEvent(event, told);
      expect(event.flags).toEqual(expect.not.arrayContaining([expect.stringMatching(/unreadable/)]));
      for (const { href, sha256: hash } of Object.values(event.pictures)) {
        const shown = await asBytes(href);
        expect([shown.status, sha256(shown.body)]).toEqual([200, hash]);
      }
    }
    expect(ingest.events()).toEqual([]);

    const signs = await ask("POST", "/v1/mappings/try", { mapping, records: [...records, ...others.flat()] });
    expect(signs.body.results.slice(records.length)).toEqual(
      (taught.others ?? []).map(({ sign }, at) => ({ record: others[at]?.[0], outcomes: [{ is: "sign", sign }] })),
    );

    expect((await ask("POST", "/v1/mappings", mapping)).status).toBe(201);
    ingest.now += 61_000;
    for (const id of records) await ask("POST", `/v1/quarantine/${id}/replay`);
    const ids = (found: readonly FaceEvent[]) => found.map(({ id }) => id).toSorted();
    expect(ids(ingest.events())).toEqual(ids(events));
  });
});
