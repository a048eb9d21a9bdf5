import type { Action, Event } from "@gatepost/client";
import { expect, it } from "vitest";
import { stepsOf } from "../../../packages/console/src/events/event/steps.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 8, 41, second)).toISOString();
const action = {
  id: "act_1",
  wantAction: "1002",
  name: "update-photo",
  state: "done",
  reason: "replaced",
  at: at(9),
} as const;
const event = {
  reports: [
    { kind: "history", dialect: "history-nested", receivedAt: at(3), brought: ["scene"] },
    { kind: "realtime", dialect: "se3-realtime", receivedAt: at(1) },
  ],
  actions: [action],
} as unknown as Event;

const told = (steps: ReturnType<typeof stepsOf>) =>
  steps.map((step) =>
    `${step.is} ${step.is === "report" ? step.report.kind : step.is === "state" ? step.state : ""}`.trim(),
  );

it("lists the reports, the requests and their outcomes in order", () => {
  const steps = stepsOf(event, []);
  expect(told(steps)).toEqual(["report realtime", "report history", "asked", "state done"]);
  expect(steps.map((step) => step.is === "report" && [step.isFirst, step.brought])).toEqual([
    [true, []],
    [false, ["scene"]],
    false,
    false,
  ]);
});

it("puts who was told between, with what failed as failed", () => {
  const known = {
    ...action,
    history: [
      { state: "pending", at: at(3) },
      { state: "announced", at: at(4) },
      { state: "done", at: at(9), by: "key_1" },
    ],
    deliveries: [
      { rule: "people", state: "delivered", tries: 1, status: 204, ms: 83, at: at(5) },
      { rule: "desk", state: "waiting", tries: 4, at: at(8) },
      { rule: "new", state: "waiting", tries: 0, at: at(7) },
    ],
  } as unknown as Action;
  const steps = stepsOf(event, [known]);
  expect(told(steps)).toEqual([
    "report realtime",
    "report history",
    "asked",
    "state pending",
    "state announced",
    "delivery",
    "delivery",
    "delivery",
    "state done",
  ]);
  expect(steps.map(({ tone }) => tone)).toEqual(["", "", "", "", "", "done", "", "fail", "done"]);
});

it("names the person who has seen the event, and who decided", () => {
  const acknowledgement = { at: at(6), by: { account: "acc_1", name: "Jonas Keller" } };
  const history = [{ state: "announced", at: at(7), by: "acc_2", byName: "陈敏", decision: "approve" }];
  const steps = stepsOf({ ...event, acknowledgement } as unknown as Event, [
    { ...action, history } as unknown as Action,
  ]);
  expect(steps.flatMap((step) => ("by" in step ? [[step.is, step.by]] : []))).toEqual([
    ["seen", "Jonas Keller"],
    ["state", "陈敏"],
  ]);
});
