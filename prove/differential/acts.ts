import type { Random } from "@gatepost/simulator";
import { pick } from "../../packages/simulator/src/random.ts";
import { boxes } from "../simulation/case/keys.ts";
import { type Known, oneOf } from "./questions.ts";
import { people } from "./reports.ts";
import type { Asked } from "./side.ts";

const orders = ["{}", '{"boxes":["gate-2"]}', '{"type":"vip"}'] as const;
const outcomes = ['{"state":"done","note":"so it is"}', '{"state":"failed"}', '{"state":"gone"}'] as const;
const settings = ['{"silence":{"afterMs":600000}}', '{"silence":{"isExpected":true}}', "{}"] as const;

type Act = Required<Pick<Asked, "method">> & Pick<Asked, "path" | "body">;

/** Draws actions of an operator or a subscriber. */
export function actOf(random: Random, known: Known): Act {
  const [event, action, record] = [known.events, known.actions, known.records].map((ids) => oneOf(ids, random));
  const where = random() < 0.5 ? "all=1" : `box=${pick(boxes, random)}`;
  return pick<Act>(
    [
      { method: "POST", path: `/v1/actions/${action}`, body: pick(outcomes, random) },
      { method: "POST", path: `/v1/actions/${action}/approval`, body: pick(orders, random) },
      { method: "POST", path: `/v1/actions/${action}/approval/undo` },
      { method: "PUT", path: `/v1/events/${event}/seen` },
      { method: "POST", path: `/v1/quarantine/${record}/replay` },
      { method: "PATCH", path: `/v1/boxes/${pick(boxes, random)}`, body: pick(settings, random) },
      { method: "DELETE", path: `/v1/events/${event}` },
      { method: "DELETE", path: `/v1/people?id=${encodeURIComponent(pick(people, random))}&${where}` },
    ],
    random,
  );
}
