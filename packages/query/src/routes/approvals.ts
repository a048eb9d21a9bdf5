import { GatepostError } from "@gatepost/ingest";
import { type ActionOrder, announcedPhoto, photoWith, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { actionAnswer, findAction } from "../actions/answer.ts";
import { approvalBody, photoText, requestFor } from "../actions/approval-request.ts";
import { noBody } from "../body.ts";
import { exampleAction, exampleApprovedAction, exampleUndoneAction } from "../openapi/examples.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import { admins, readers, route } from "../route.ts";
import { actionPath } from "./actions.ts";
import { answerWith, linkTo } from "./pictures.ts";

const approveAction = route({
  method: "POST",
  path: "/v1/actions/:id/approval",
  scopes: admins,
  about: {
    summary: "Have an action done on the boxes themselves",
    detail:
      "A bridge that may act takes it from there: it registers the person, or updates the photo, at each box. Approving the " +
      "same twice changes nothing. Once that has ended, it may be approved again, also for other boxes.",
    answer: {
      status: 200,
      is: "The action, which is open again.",
      schema: actionAnswer,
      example: exampleApprovedAction,
    },
    others: { 409: "It is withheld, something else of it is under way, or its event does not say who it is." },
    example: { path: { id: exampleAction.id }, body: { boxes: ["gate-1"] } },
  },
  asks: { path: actionPath, query: z.object({}), body: approvalBody },
  audits: {
    action: "action-approved",
    about: ({ path: { id }, body: { type, boxes } }, hidden) => ({
      action: hidden(id),
      ...(type === undefined ? {} : { type }),
      boxes: boxes ?? "the box that asked",
    }),
  },
  async answer({ path: { id }, body, caller }, deps) {
    const request = await requestFor(await findAction(id, deps), body, deps);
    return taken(id, { order: { kind: "approve", request }, by: caller.key.id }, deps);
  },
});

const undoApproval = route({
  method: "POST",
  path: "/v1/actions/:id/approval/undo",
  scopes: admins,
  about: {
    summary: "Have undone on the boxes what was done about an action",
    detail:
      "The bridge makes each box as it was: whoever was not there is removed, whoever was gets the old photo and record " +
      "back. It keeps these for 7 days. Undoing twice changes nothing; what failed is tried again.",
    answer: { status: 200, is: "The action, which is open again.", schema: actionAnswer, example: exampleUndoneAction },
    others: { 409: "Nothing was done about it." },
    example: { path: { id: exampleAction.id } },
  },
  asks: { path: actionPath, query: z.object({}), body: noBody },
  audits: { action: "action-undone", about: ({ path: { id } }, hidden) => ({ action: hidden(id) }) },
  answer: async ({ path: { id }, caller }, deps) => taken(id, { order: { kind: "undo" }, by: caller.key.id }, deps),
});

/** A function on AWS answers with 6 MB at most, and so much base64. */
const maxAnswered = 4 * 1024 * 1024;

const getPhoto = route({
  method: "GET",
  path: "/v1/actions/:id/photo",
  scopes: readers,
  about: {
    summary: "Get the photo of an action",
    detail:
      "What is registered, or becomes the base photo: the one that was approved last; before that the face, else the " +
      "scene. A limited key gets it also of what was approved for a box that it covers, and another box asked for. Its " +
      "bytes are those of its SHA-256. On AWS the answer is 302 where it has more than 4 MB, to a URL that opens it without a key for five minutes.",
    answer: { status: 200, is: "The photo.", contentTypes: ["image/jpeg", "image/png"] },
    others: {
      302: "Where it is.",
      304: "It is the one that `If-None-Match` names.",
      410: "The event does not have the one that was approved or asked for any more, or its bytes are lost.",
    },
    example: { path: { id: exampleAction.id } },
  },
  asks: {
    path: actionPath,
    query: z.object({
      sha256: photoText.meta({ description: "The one with these bytes, and no other." }).exactOptional(),
    }),
    body: noBody,
  },
  async answer({ path: { id }, query, headers, caller }, deps) {
    const { approval } = await findAction(id, deps);
    const event = await deps.actionReader.eventOf(id);
    if (event === null) throw new GatepostError("not-found", "there is no such action");
    const photo = photoOf(event, query.sha256 ?? approval?.photo ?? null);
    // What opens a door by it is to have the bytes that were approved: a store's own URL opens whatever is there.
    const link = photo.picture.bytes > maxAnswered ? await linkTo({ id: event.id, ...photo }, deps) : null;
    const answer =
      link === null
        ? await answerWith(photo, headers, deps)
        : new Response(null, { status: 302, headers: { location: link.url } });
    if (answer.status !== 304) await deps.audit.countPictures(caller.key.id, 1);
    return answer;
  },
});

/** The photo of an action. @param sha256 of the one that is meant; null for what the event shows. Throws 404 and 410. */
function photoOf({ reports }: StoredEvent, sha256: string | null) {
  const photo = sha256 === null ? announcedPhoto(reports) : photoWith(sha256, reports);
  if (photo !== null) return photo;
  if (sha256 === null) throw new GatepostError("not-found", "its event has no picture of the person");
  throw new GatepostError("gone", "its event does not have this photo any more");
}

export const approvalRoutes = [approveAction, undoApproval, getPhoto];

async function taken(id: string, { order, by }: { order: ActionOrder; by: string }, deps: ApiPorts): Promise<Response> {
  const outcome = await deps.orders.order(id, order, by);
  if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
  const action = await findAction(id, deps);
  deps.log.info("action ordered", { id, kind: order.kind, number: action.approval?.number, by });
  return Response.json(action);
}
