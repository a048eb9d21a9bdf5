import { GatepostError } from "@gatepost/ingest";
import { type ActionOrder, announcedPhoto } from "@gatepost/protocol";
import * as z from "zod";
import { actionAnswer, findAction } from "../actions/answer.ts";
import { approvalBody, requestFor } from "../actions/approval-request.ts";
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
      "The face, else the scene: what is registered, or becomes the base photo. A limited key gets it also of what was " +
      "approved for a box that it covers, and another box asked for. Its bytes are those of its SHA-256 in the event. On " +
      "AWS the answer is 302 where it has more than 4 MB, to a URL that opens it without a key for five minutes.",
    answer: { status: 200, is: "The photo.", contentTypes: ["image/jpeg", "image/png"] },
    others: {
      302: "Where it is.",
      304: "It is the one that `If-None-Match` names.",
      410: "Its bytes are lost, or were erased.",
    },
    example: { path: { id: exampleAction.id } },
  },
  asks: { path: actionPath, query: z.object({}), body: noBody },
  async answer({ path: { id }, headers, caller }, deps) {
    const event = await deps.actionReader.eventOf(id);
    const photo = event === null ? null : announcedPhoto(event.reports);
    if (event === null) throw new GatepostError("not-found", "there is no such action");
    if (photo === null) throw new GatepostError("not-found", "its event has no picture of the person");
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

export const approvalRoutes = [approveAction, undoApproval, getPhoto];

async function taken(id: string, { order, by }: { order: ActionOrder; by: string }, deps: ApiPorts): Promise<Response> {
  const outcome = await deps.orders.order(id, order, by);
  if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
  const action = await findAction(id, deps);
  deps.log.info("action ordered", { id, kind: order.kind, number: action.approval?.number, by });
  return Response.json(action);
}
