import { readFileSync } from "node:fs";
import { merge, type PictureKind } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { boxRequest } from "../support/http.ts";
import { history } from "../support/reports.ts";
import { pictureOf, type TargetUnderTest } from "./migration.ts";

const minute = 60_000;

/**
 * The requests of `gatepost migrate` of a build before 0.1.0, which kept its data in its own tables, and the contents
 * of its store: an event of each dialect, statuses, keys, two records in quarantine, and the erasure of a person.
 */
const exported = z
  .object({
    /** ms since 1970. */
    madeAt: z.number(),
    tokens: z.record(z.string(), z.string()),
    requests: z.array(z.object({ method: z.string(), path: z.string(), body: z.looseObject({}) })),
    events: z.array(z.looseObject({ id: z.string() })),
    quarantine: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL("../fixtures/export-before-0.1.0.json", import.meta.url), "utf8")));

const answered = z.object({
  taken: z.array(z.object({ outcome: z.string() })),
  held: z.array(z.object({ id: z.string(), missing: z.number() })),
});

const firstPage = { limit: 100, cursor: null };

/** The promises of a store about the export of an earlier build. */
export function earlierExportContract(name: string, open: (clock: () => number) => Promise<TargetUnderTest>): void {
  describe(`the export of a build before 0.1.0, taken by ${name}`, () => {
    let close = () => Promise.resolve();
    afterEach(() => close());

    /**
     * Sends all requests again, unchanged. Returns the outcomes in their order, and the held events of the last
     * comparison.
     */
    async function imported() {
      const target = await open(() => exported.madeAt + minute);
      close = target.close;
      const outcomes: string[] = [];
      let held: { missing: number }[] = [];
      let id = "";
      for (const { method, path, body } of exported.requests) {
        const response = await fetch(target.url + path.replace("IMPORT", id), {
          method,
          headers: { authorization: `Bearer ${target.admin}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        const said = await response.text();
        expect([path, response.ok, said]).toEqual([path, true, said]);
        if (path === "/v1/imports") id = z.object({ id: z.string() }).parse(JSON.parse(said)).id;
        else if (said !== "") {
          const { taken, held: there } = answered.parse(JSON.parse(said));
          outcomes.push(...taken.map(({ outcome }) => outcome));
          held = there;
        }
      }
      return { target, outcomes, held };
    }

    it("is complete: events of all dialects with their pictures, statuses, and quarantine", async () => {
      const { target, outcomes, held } = await imported();
      expect(new Set(outcomes)).toEqual(new Set(["put", "made", "created", "pictures"]));
      expect(held.map(({ missing }) => missing)).toEqual(exported.events.map(() => 0));
      const events = (await target.reads.events.list({}, firstPage)).items.map(merge);
      const shown = events.map(({ box, reports, pictures, ...event }) => ({
        id: event.id,
        box: box.id,
        timestamp: event.timestamp,
        person: event.person,
        reports: reports.map(({ kind, dialect }) => ({ kind, dialect })),
        pictures: Object.fromEntries(Object.entries(pictures).map(([kind, { sha256 }]) => [kind, sha256])),
      }));
      const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
      expect(shown.sort(byId)).toEqual(exported.events.toSorted(byId));
      for (const event of events)
        for (const kind of Object.keys(event.pictures) as PictureKind[])
          expect([event.id, kind, await pictureOf(target, event, kind)]).toEqual([event.id, kind, true]);
      const records = (await target.reads.quarantine.list(null, firstPage)).items;
      expect(records.map(({ reason }) => reason).sort()).toEqual(exported.quarantine);
      const box = await ask(target, "/v1/boxes/device-status", target.admin);
      const devices = [{ id: "ZKZCPI000120190807142601__192.168.1.60", isOnline: true }];
      expect(await box.json()).toMatchObject({ about: { serial: "ZKZCPI000120190807142601" }, devices });
    });

    it("has the keys of boxes and readers, and an erased person does not return", async () => {
      const { target } = await imported();
      for (const [name, token] of Object.entries(exported.tokens)) {
        if (name === "read") continue;
        const timestamp = exported.madeAt - 60 * minute;
        const body = history({ timestamp, identity_id: "gone before it was moved" });
        const { status } = await receiver(target.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }));
        expect([name, status]).toEqual([name, 200]);
      }
      expect((await target.reads.events.list({}, firstPage)).items).toHaveLength(exported.events.length);
      expect((await ask(target, "/v1/events", exported.tokens["read"])).status).toBe(200);
    });
  });
}

function ask({ url }: TargetUnderTest, path: string, token = ""): Promise<Response> {
  return fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
}
