import { GatepostError } from "@gatepost/ingest";
import { actionNames, actionStates, isCheckBox, type WantAction } from "@gatepost/protocol";
import * as z from "zod";
import { actionAnswer, extras, findAction, withExtras } from "../actions/answer.ts";
import { reportBody, reportOf } from "../actions/report.ts";
import { noBody } from "../body.ts";
import { boxText } from "../listing.ts";
import { exampleAction, exampleListedAction } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ActionFilter } from "../ports/actions.ts";
import { readers, route } from "../route.ts";
import { listed, several, valuesOf } from "../several.ts";

const listActions = route({
  method: "GET",
  path: "/v1/actions",
  scopes: readers,
  about: {
    summary: "List actions, newest first by their last change",
    answer: {
      status: 200,
      is: "One page of actions and the events they are of.",
      schema: z.object({ actions: z.array(actionAnswer), next: nextPage }),
      example: { actions: [exampleListedAction], next: null },
    },
    example: { query: { state: "pending,announced,failed", want: "1002", box: "gate-1", with: "event,deliveries" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      state: listed(actionStates).meta({ description: "In any of these states." }).exactOptional(),
      want: several(z.enum(Object.keys(actionNames) as [WantAction, ...WantAction[]]))
        .meta({ description: "1001 or 1002." })
        .exactOptional(),
      box: several(boxText).meta({ description: "Of these boxes." }).exactOptional(),
      approved: z
        .literal("1", "must be 1")
        .meta({
          description:
            "`1` for those of which an order is open: approved, or to be undone, and not reported of every box yet. A limited " +
            "key gets those that are to be done at a box that it covers, whichever box asked.",
        })
        .exactOptional(),
      with: listed(extras).meta({ description: "What to have of each besides." }).exactOptional(),
      ...paging,
    }),
    body: noBody,
  },
  async answer({ query: { with: wanted = [], ...query } }, deps) {
    const { items, next } = await readPage(
      "actions",
      query,
      (asked, page) => deps.actionReader.list(filterOf(asked), page),
      deps,
    );
    return Response.json({
      actions: await withExtras(
        items.filter(({ box }) => !isCheckBox(box)),
        wanted,
        deps,
      ),
      next,
    });
  },
});

export const actionPath = z.object({
  id: z.string().meta({ description: "`act_…`, the idempotency key of its announcement." }),
});

const getAction = route({
  method: "GET",
  path: "/v1/actions/:id",
  scopes: readers,
  about: {
    summary: "Get one action, with its event and what became of its announcement",
    answer: { status: 200, is: "The action.", schema: actionAnswer, example: exampleListedAction },
    example: { path: { id: exampleAction.id } },
  },
  asks: { path: actionPath, query: z.object({}), body: noBody },
  async answer({ path: { id } }, deps) {
    const [action] = await withExtras([await findAction(id, deps)], extras, deps);
    return Response.json(action);
  },
});

/** The subscriber says what became of an action. */
const settleAction = route({
  method: "POST",
  path: "/v1/actions/:id",
  scopes: readers,
  about: {
    summary: "Say what became of an action",
    detail:
      "For its subscriber, or the bridge that did it. It takes an admin key, or a read key that is limited to boxes: that " +
      "one settles what was approved for its boxes, there, and photos that a box of its own asked for. Saying the same " +
      "twice changes nothing; what failed may still be done. With `boxes`, the action is `failed` where any box failed, " +
      "`done` where all that were chosen have done it, and else stays as it is.",
    answer: {
      status: 200,
      is: "The action as it now is.",
      schema: actionAnswer,
      example: {
        ...exampleAction,
        state: "done",
        reason: "registered",
        history: [
          ...exampleAction.history,
          { state: "done", at: exampleAction.at, reason: "registered", by: "key_c4a8" },
        ],
      },
    },
    others: { 409: "It is withheld, done already and so cannot have failed, or something else was ordered meanwhile." },
    example: { path: { id: exampleAction.id }, body: { state: "done", note: "registered" } },
  },
  asks: { path: actionPath, query: z.object({}), body: reportBody },
  async answer({ path: { id }, body, caller: { key } }, deps) {
    const report = await reportOf(await findAction(id, deps), body, { key, deps });
    const outcome = await deps.orders.order(id, { kind: "report", report }, key.id);
    if (outcome.answer === "refused") throw new GatepostError("conflict", outcome.reason);
    return Response.json(await findAction(id, deps));
  },
});

export const actionRoutes = [listActions, getAction, settleAction];

type Asked = {
  state?: ActionFilter["states"];
  want?: WantAction | readonly WantAction[];
  box?: string | readonly string[];
  approved?: "1";
};

function filterOf({ state, want, box, approved }: Asked): ActionFilter {
  return {
    ...(state === undefined ? {} : { states: state }),
    ...(want === undefined ? {} : { wants: valuesOf(want) }),
    ...(box === undefined ? {} : { boxes: valuesOf(box) }),
    ...(approved === undefined ? {} : { isOrdered: true }),
  };
}
