import { isUtf8 } from "node:buffer";
import { GatepostError, type QuarantineRecord, replay } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { boxText } from "../filter.ts";
import { paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { admins, readers, route } from "../route.ts";

const recordPath = z.object({ id: z.string() });

const listRecords = route({
  method: "GET",
  path: "/v1/quarantine",
  scopes: readers,
  asks: { path: z.object({}), query: z.object({ box: boxText.exactOptional(), ...paging }), body: noBody },
  async answer({ query }, on) {
    const { items, next } = await readPage(
      "quarantine",
      query,
      ({ box }, page) => on.quarantine.list(box ?? null, page),
      on,
    );
    const records = items.map(({ bytes, ...record }) => ({ ...shown(record), bytes }));
    return Response.json({ records, next, dropped: await on.quarantine.dropped() });
  },
});

const getRecord = route({
  method: "GET",
  path: "/v1/quarantine/:id",
  scopes: readers,
  asks: { path: recordPath, query: z.object({}), body: noBody },
  async answer({ path }, on) {
    const { body, ...record } = await findRecord(path.id, on);
    const content = Buffer.from(body);
    const readable = isUtf8(content) ? { body: content.toString() } : { bodyBase64: content.toString("base64") };
    return Response.json({ ...shown(record), bytes: content.length, ...readable });
  },
});

const replayRecord = route({
  method: "POST",
  path: "/v1/quarantine/:id/replay",
  scopes: admins,
  asks: { path: recordPath, query: z.object({}), body: noBody },
  async answer({ path: { id } }, on) {
    const outcomes = await replay(await findRecord(id, on), on.ingest);
    const quarantined = outcomes.flatMap((outcome) => outcome.quarantined ?? []);
    const isKept = quarantined.some((record) => record.id === id);
    if (!isKept) await on.quarantine.remove(id);
    const events = outcomes.flatMap((outcome) => outcome.event ?? []);
    on.ingest.log.info("replayed", { id, kept: isKept, events: events.length });
    return Response.json({ id, outcome: isKept ? "kept" : "stored", events, quarantined });
  },
});

export const quarantineRoutes = [listRecords, getRecord, replayRecord];

async function findRecord(id: string, { quarantine }: ApiPorts): Promise<QuarantineRecord> {
  const record = await quarantine.get(id);
  if (record === null) throw new GatepostError("not-found", "there is no such record; it may have been replayed");
  return record;
}

function shown({ receivedAt, event, ...record }: Omit<QuarantineRecord, "body">) {
  return { ...record, receivedAt: new Date(receivedAt).toISOString(), event: event && { id: event.id } };
}
