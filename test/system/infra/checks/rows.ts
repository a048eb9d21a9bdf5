import { auditEntryKey, auditHeadKey } from "@gatepost/core/audit";
import { keyIdOf } from "@gatepost/core/keys";
import { expect } from "vitest";
import { isAllowed } from "../../rehearsal/permissions.ts";
import { statement } from "../../rehearsal/recorded.ts";
import { all, type Graph, one, statementsOf } from "../stages.ts";
import type { Checks } from "./check.ts";

const receivers = ["RealtimeEvent", "HistoryEvent", "AsyncEvent", "PassRecord", "LiveEvent", "AnyEvent"];

/** A row that a function writes, if that is not an event's row. */
const ownRows: Record<string, string> = {
  Alert: "sub_1",
  Tally: "counts gate-1 2026-11-20",
  BoxSweep: "box gate-1",
  JobSweep: "job x",
};

/** Whether a role may do something to a row of the table, and to attributes of it. */
function doing(graph: Graph, role: string, resource: string) {
  const statements = statementsOf(graph, role).map((one) => statement.parse(one));
  return (pk: string, attributes: string[], actions: string[]) =>
    actions.some((action) => {
      const context = { "dynamodb:LeadingKeys": [pk], "dynamodb:Attributes": attributes };
      return isAllowed(statements, { action: `dynamodb:${action}`, resource, context });
    });
}

function writing(graph: Graph, role: string, resource: string) {
  const may = doing(graph, role, resource);
  return (pk: string, attributes: string[] = [], actions = ["PutItem", "UpdateItem", "DeleteItem"]) =>
    may(pk, attributes, actions);
}

export const rowChecks: Checks = {
  "the API alone writes rows of keys, whose ids begin with key_, and of the audit log": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { inputs } = one(graph, "dynamodb/table:Table", "EventsTable");
      const resource = `arn:aws:dynamodb:eu-west-1:123456789012:table/${inputs["name"]}`;
      const writers = all(graph, "lambda/function:Function").filter(({ parent }) => {
        const mayWrite = writing(graph, `${parent}Role`, resource);
        expect([parent, mayWrite(ownRows[`${parent}`] ?? "evt_1")]).toEqual([parent, true]);
        return [keyIdOf("any"), auditHeadKey, auditEntryKey(1)].some((pk) => mayWrite(pk));
      });
      expect(writers.map(({ parent }) => parent)).toEqual(["Api"]);
    }
  },

  "nobody but who must writes tickets, orders, erasures or jobs, or reads the audit log": ({ test, production }) => {
    for (const graph of [test, production]) {
      const { inputs } = one(graph, "dynamodb/table:Table", "EventsTable");
      const resource = `arn:aws:dynamodb:eu-west-1:123456789012:table/${inputs["name"]}`;
      const who = (may: (role: string) => boolean) =>
        all(graph, "lambda/function:Function")
          .map(({ parent }) => `${parent}`)
          .filter((parent) => may(`${parent}Role`))
          .sort();
      const writersOf = (pk: string, attributes?: string[], actions?: string[]) =>
        who((role) => writing(graph, role, resource)(pk, attributes, actions));
      expect(writersOf("ticket x")).toEqual(["Api"]);
      for (const order of ["o_1001", "o_1002", "v_1001", "v_1002"])
        expect(writersOf("evt_1", [order], ["PutItem", "UpdateItem"]), order).toEqual(["Api", "Job"]);
      expect(writersOf("evt_1", ["a_1001"], ["UpdateItem"])).toEqual(expect.arrayContaining(["Job", ...receivers]));
      // The sweep stores the next step of an erasure.
      expect(writersOf("erasure person x", [], ["PutItem", "UpdateItem"])).toEqual(["Api", "ErasureSweep", "Job"]);
      for (const begun of ["suppressed x", "secret suppression"])
        expect(writersOf(begun, [], ["PutItem", "UpdateItem"]), begun).toEqual(["Api", "Job"]);
      for (const ended of ["erasure person x", "erasure evt_1", "besides evt_1 own x"])
        expect(writersOf(ended, [], ["DeleteItem"]), ended).toEqual(["Api", "ErasureSweep"]);
      expect(writersOf("job x")).toEqual(["Api", "Job", "JobSweep"]);
      expect(writersOf("unknown-terminals", [], ["UpdateItem"])).toEqual(["Api", "Job", ...receivers].sort());
      expect(writersOf("unknown-terminals", [], ["DeleteItem"])).toEqual(["Api"]);
      expect(writersOf("map_1", [], ["DeleteItem"])).toEqual(["Api", "Job"]);
      expect(writersOf("map_1", [], ["PutItem", "UpdateItem"])).toEqual(["Api"]);
      expect(writersOf("box gate-1")).toEqual(["Api", "BoxSweep", "Tally"]);
      expect(writersOf("nws_1")).toEqual(["Api", "ErasureSweep", "Job"]);
      expect(writersOf("feed head")).toEqual(expect.arrayContaining(["Api", "ErasureSweep", "Job", ...receivers]));
      expect(writersOf("beat changes#1")).toEqual(["Api", "BoxSweep"]);
      const readersOf = (pk: string) =>
        who((role) => doing(graph, role, resource)(pk, [], ["GetItem", "BatchGetItem"]));
      expect(readersOf(auditEntryKey(1))).toEqual(["Api"]);
      expect(readersOf("ticket x")).toEqual(["Api"]);
    }
  },

  "what a role says of rows is within what IAM takes": ({ test, production }) => {
    for (const graph of [test, production]) {
      for (const { name, inputs } of all(graph, "iam/role:Role")) {
        const policies = (inputs["inlinePolicies"] ?? []) as { policy: string }[];
        const size = policies.reduce((sum, { policy }) => sum + policy.replaceAll(/\s/g, "").length, 0);
        // 10,240 in all; the names of a real stage are longer than these.
        expect(size, name).toBeLessThan(8100);
      }
    }
  },
};
