import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { noBody } from "../body.ts";
import { admins, readers, route } from "../route.ts";

const maxDays = 3650;
const days = z.int().min(1).max(maxDays);
const retention = z.object({ eventDays: z.int(), quarantineDays: z.int(), isEditable: z.boolean() });
const example = { eventDays: 90, quarantineDays: 90, isEditable: true };

const getRetention = route({
  method: "GET",
  path: "/v1/retention",
  scopes: readers,
  about: {
    summary: "See for how many days events and quarantine are kept",
    answer: { status: 200, is: "The days, from the first receipt.", schema: retention, example },
  },
  asks: { path: z.object({}), query: z.object({}), body: noBody },
  async answer(_, { server, retentionEditor }) {
    return Response.json({ ...(await server.retention()), isEditable: retentionEditor !== null });
  },
});

const setRetention = route({
  method: "PUT",
  path: "/v1/retention",
  scopes: admins,
  about: {
    summary: "Set for how many days events and quarantine are kept",
    detail:
      "On one machine. What is older is unreachable within seconds, and is removed by the hourly sweep. " +
      "More days bring back what the sweep has not removed yet: so a number that was wrong can be set right.",
    answer: { status: 200, is: "The days as they are now.", schema: retention, example },
    others: { 405: "On AWS the deployment sets them." },
    example: { body: { eventDays: 90, quarantineDays: 14 } },
  },
  asks: {
    path: z.object({}),
    query: z.object({}),
    body: z.strictObject({ eventDays: days, quarantineDays: days }),
  },
  audits: { action: "setting-changed", about: ({ body }) => ({ setting: "retention", ...body }) },
  async answer({ body }, { retentionEditor, log }) {
    if (retentionEditor === null) {
      throw new GatepostError("wrong-method", "on AWS, retention is set by the deployment: GATEPOST_RETENTION_DAYS");
    }
    await retentionEditor.set(body);
    log.info("retention set", { ...body });
    return Response.json({ ...body, isEditable: true });
  },
});

export const retentionRoutes = [getRetention, setRetention];
