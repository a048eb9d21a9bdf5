import { includes } from "@gatepost/core/accounts";
import type { ActionFilter } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { boxText } from "@gatepost/core/events";
import { listed, several, valuesOf } from "@gatepost/core/lists";
import {
  type ActionOrder,
  actionNames,
  actionStates,
  announcedPhoto,
  photoWith,
  type StoredEvent,
  type WantAction,
} from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { guards, guardsAndSettlers, managersAlone } from "../access/who.ts";
import { ofSite, photoText } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { counted, nextPage, paging, readPage } from "../page.ts";
import { setVisit } from "../people/visits.ts";
import { answerWith, linkTo } from "../pictures/routes.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { actionAnswer, extras, findAction, shownAction, withExtras } from "./answer.ts";
import { approvalBody, requestFor } from "./approval-request.ts";
import { decide, declineBody, reopenBody } from "./decline.ts";
import { countActions, eventConditions, matchingActions, maxCountedActions } from "./matching.ts";
import { reportBody, reportOf } from "./report.ts";

/** The filters of the actions of a list. */
const actionFilter = {
  state: listed(actionStates).exactOptional(),
  want: several(z.enum(Object.keys(actionNames) as [WantAction, ...WantAction[]])).exactOptional(),
  box: several(boxText).exactOptional(),
  told: z
    .enum(["true", "false"])
    .meta({
      description:
        "`false` for actions that no rule of the bus took: with `state=announced` no one is told. Refused on AWS: a " +
        "queue keeps each announcement there for 14 days.",
    })
    .exactOptional(),
  ...eventConditions,
};

const listActions = route({
  method: "GET",
  path: "/v1/actions",
  who: guards,
  about: {
    summary: "List actions, newest first by their last change",
    answer: {
      status: 200,
      is: "One page of actions and their events.",
      schema: z.object({ actions: z.array(actionAnswer), next: nextPage }),
    },
    example: { query: { state: "pending,announced,failed", want: "1002", box: "gate-1", with: "event,deliveries" } },
  },
  asks: {
    query: z.object({
      ...actionFilter,
      approved: z
        .literal("1", "must be 1")
        .meta({
          description:
            "`1` for actions with an open order: approved, or being undone, and without the result of each box. A limited " +
            "key gets the actions that its boxes must do, whichever box asked.",
        })
        .exactOptional(),
      with: listed(extras).meta({ description: "Additional parts of each action." }).exactOptional(),
      ...ofSite,
      ...paging,
    }),
  },
  async answer({ query: { with: wanted = [], ...query }, caller }, deps) {
    const { items, next } = await readPage(
      "actions",
      query,
      ({ match, quality, ...asked }, page) =>
        matchingActions({ filter: filterOf(asked, deps), conditions: { match, quality } }, page, deps),
      deps,
    );
    return Response.json({ actions: await withExtras(items, { wanted, caller }, deps), next });
  },
});

const countAllActions = route({
  method: "GET",
  path: "/v1/actions/count",
  who: guards,
  about: {
    summary: "Count the actions of a filter",
    detail: `It looks at ${maxCountedActions} actions at most; if there are more, \`isExact\` is false. The filters are the same as in the list.`,
    answer: { status: 200, is: "How many there are.", schema: counted },
    example: { query: { state: "pending,announced,failed", want: "1002" } },
  },
  asks: { query: z.object({ ...actionFilter, ...ofSite }) },
  async answer({ query: { match, quality, ...query } }, deps) {
    return Response.json(await countActions({ filter: filterOf(query, deps), conditions: { match, quality } }, deps));
  },
});

const actionPath = z.object({
  id: z.string().meta({ description: "`act_…`, the idempotency key of its announcement." }),
});

const getAction = route({
  method: "GET",
  path: "/v1/actions/:id",
  who: guardsAndSettlers,
  about: {
    summary: "Get one action, with its event and the deliveries of its announcement",
    answer: { status: 200, is: "The action.", schema: actionAnswer },
    example: { path: { id: exampleIds.action } },
  },
  asks: { path: actionPath },
  async answer({ path: { id }, caller }, deps) {
    const [action] = await withExtras([await findAction(id, deps)], { wanted: extras, caller }, deps);
    return Response.json(action);
  },
});

/** A person declines an action, or its subscriber says what became of it. */
const settleAction = route({
  method: "POST",
  path: "/v1/actions/:id",
  who: guardsAndSettlers,
  about: {
    summary: "Decline an action, or report its result",
    detail:
      "`declined` ends an action, and `open` takes that back: a person who has signed in may, or an admin key. `done` and `failed` " +
      "are results, for its subscriber or the bridge that carried it out: an admin key, a key of scope `settle`, or a read key that is " +
      "limited to boxes, for orders and photos of these. Repeating a result changes nothing; a failed action may still be done. With " +
      "`boxes`, the action is `failed` if any box failed, and `done` if all chosen boxes have done it.",
    answer: { status: 200, is: "The action as it now is.", schema: actionAnswer },
    others: {
      403: "The role, or the key, does not include this decision.",
      409: "The action is withheld, or was declined, or is done already and cannot fail, or has a newer order.",
      503: "It is declined, but subscribers could not be told; the same request, sent again, tells them.",
    },
    example: { path: { id: exampleIds.action }, body: { state: "done", note: "registered" } },
  },
  asks: { path: actionPath, body: z.discriminatedUnion("state", [reportBody, declineBody, reopenBody]) },
  audits: {
    action: ({ body: { state } }) =>
      state === "declined" ? "action-declined" : state === "open" ? "action-reopened" : null,
    about: ({ path: { id }, body }, hidden) => ({
      action: hidden(id),
      reason: body.state === "declined" ? body.reason : null,
    }),
  },
  async answer({ path: { id }, body, caller }, deps) {
    if (body.state === "declined" || body.state === "open") {
      await decide(id, body, { caller, deps });
      return Response.json(await shownAction(id, deps));
    }
    requireToSettle(caller);
    const report = await reportOf(await findAction(id, deps), body, { caller, deps });
    const outcome = await deps.orders.order(id, { kind: "report", report }, caller.id);
    if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
    const action = await shownAction(id, deps);
    if (action.approval !== null) await setVisit(id, action.approval, deps);
    return Response.json(action);
  },
});

export const actionRoutes = [listActions, countAllActions, getAction, settleAction];

/** Throws 403 for a guard: results are reported by managers and by programs. */
function requireToSettle({ account }: Caller): void {
  if (account !== null && !includes(account.role, "manager")) {
    throw new GatepostError("forbidden", "this is for a manager; a guard can decline the action");
  }
}

type AskedActions = {
  state?: ActionFilter["states"];
  want?: WantAction | readonly WantAction[];
  box?: string | readonly string[];
  approved?: "1";
  told?: "true" | "false";
};

/** Throws 400 for `told` on AWS. */
function filterOf({ state, want, box, approved, told }: AskedActions, { server }: ApiPorts): ActionFilter {
  if (told !== undefined && server.rules === "elsewhere") {
    const why = "on AWS, a queue of the bus keeps each action for 14 days, and who takes it is not known";
    throw new GatepostError("bad-request", `told: ${why}`);
  }
  const isTold = told && told === "true";
  return { states: state, wants: valuesOf(want), boxes: valuesOf(box), isOrdered: approved && true, isTold };
}

const approveAction = route({
  method: "POST",
  path: "/v1/actions/:id/approval",
  who: managersAlone,
  about: {
    summary: "Approve an action, to be done on the boxes",
    detail:
      "A bridge that may act carries it out: it registers the person, or updates the photo, at each box. Approving the " +
      "same twice changes nothing. Once the order has ended, the action may be approved again, also for other boxes.",
    answer: { status: 200, is: "The action, which is open again.", schema: actionAnswer },
    others: { 409: "The action is withheld, or has another order under way, or its event has no id of a person." },
    example: { path: { id: exampleIds.action }, body: { boxes: ["gate-1"] } },
  },
  asks: { path: actionPath, body: approvalBody },
  audits: {
    action: "action-approved",
    about: ({ path: { id }, body: { type, boxes } }, hidden) => ({
      action: hidden(id),
      type,
      boxes: boxes ?? "the box that asked",
    }),
  },
  async answer({ path: { id }, body, caller }, deps) {
    const request = await requestFor(await findAction(id, deps), body, deps);
    return taken(id, { order: { kind: "approve", request }, by: caller.id }, deps);
  },
});

const undoApproval = route({
  method: "POST",
  path: "/v1/actions/:id/approval/undo",
  who: managersAlone,
  about: {
    summary: "Undo an action on the boxes",
    detail:
      "The bridge restores each box: a person who was not on it is removed, and an existing person gets the old photo and record " +
      "back. It keeps these for 7 days. Undoing twice changes nothing; failed boxes are tried again.",
    answer: { status: 200, is: "The action, which is open again.", schema: actionAnswer },
    others: { 409: "The action was not approved, so there is nothing to undo." },
    example: { path: { id: exampleIds.action } },
  },
  asks: { path: actionPath },
  audits: { action: "action-undone", about: ({ path: { id } }, hidden) => ({ action: hidden(id) }) },
  answer: async ({ path: { id }, caller }, deps) => taken(id, { order: { kind: "undo" }, by: caller.id }, deps),
});

/** A function on AWS answers with 6 MB at most, and so much base64. */
const maxAnswered = 4 * 1024 * 1024;

const getPhoto = route({
  method: "GET",
  path: "/v1/actions/:id/photo",
  who: guardsAndSettlers,
  about: {
    summary: "Get the photo of an action",
    detail:
      "The photo to register, or the new base photo: the one that was approved last; before an approval the face, else the " +
      "scene. A limited key also gets photos that were approved for its boxes after another box asked. The " +
      "bytes match the SHA-256. On AWS the answer for more than 4 MB is 302, to a URL that opens it without a key for five minutes.",
    answer: { status: 200, is: "The photo.", contentTypes: ["image/jpeg", "image/png"] },
    others: {
      302: "The address of the photo.",
      304: "The photo is the one that `If-None-Match` names.",
      410: "The event no longer has the approved or requested photo, or its bytes are lost.",
    },
    example: { path: { id: exampleIds.action } },
  },
  asks: {
    path: actionPath,
    query: z.object({
      sha256: photoText.meta({ description: "The SHA-256 of the photo; no other photo is given." }).exactOptional(),
    }),
  },
  async answer({ path: { id }, query, headers, caller }, deps) {
    const { approval } = await findAction(id, deps);
    const event = await deps.actionReader.eventOf(id);
    if (event === null) throw new GatepostError("not-found", "there is no such action");
    const photo = photoOf(event, query.sha256 ?? approval?.photo ?? null);
    // A client that opens a door by the photo must get the approved bytes: a store's own URL opens whichever bytes are
    // there.
    const link = photo.bytes > maxAnswered ? await linkTo(photo, deps) : null;
    const answer =
      link === null
        ? await answerWith({ picture: photo }, headers, deps)
        : new Response(null, { status: 302, headers: { location: link.url } });
    if (answer.status !== 304) await deps.audit.countPictures(caller.id, 1);
    return answer;
  },
});

/** The photo of an action. @param sha256 of the one that is meant; null for what the event shows. Throws 404 and 410. */
function photoOf(event: StoredEvent, sha256: string | null) {
  const photo = sha256 === null ? announcedPhoto(event) : photoWith(sha256, event);
  if (photo !== null) return photo;
  if (sha256 === null) throw new GatepostError("not-found", "its event has no picture of the person");
  throw new GatepostError("gone", "its event does not have this photo any more");
}

export const approvalRoutes = [approveAction, undoApproval, getPhoto];

async function taken(id: string, { order, by }: { order: ActionOrder; by: string }, deps: ApiPorts): Promise<Response> {
  const outcome = await deps.orders.order(id, order, by);
  if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
  const action = await shownAction(id, deps);
  if (action.approval !== null) await setVisit(id, action.approval, deps);
  deps.log.info("action ordered", { id, kind: order.kind, number: action.approval?.number, by });
  return Response.json(action);
}
