import type { PushKind, Subscription } from "@gatepost/core/push";
import { changed, type Item } from "@gatepost/store";
import { expect, it, vi } from "vitest";
import { upsertUpdate } from "../../../packages/aws/src/events/row.ts";
import { Notifications, PassingNotifications } from "../../../packages/aws/src/push/notifications.ts";
import { noon, report, upsert } from "../../contract/samples.ts";
import { keptLog } from "../http/support.ts";

const subscribed = (id: string, kinds: readonly PushKind[]) => ({ id, kinds }) as Subscription;

/** The row of a passing, as the stream of the table has it. */
function rowOf(name: string, type: "blacklist" | "stranger" | "employee", box = "gate-1") {
  const passingReport = report({ person: { id: name, type } });
  return changed(upsertUpdate(upsert(name, { box, report: passingReport }), "1"), null);
}

async function sentFor(kinds: readonly PushKind[], records: { before?: Item; after: Item }[]): Promise<string[]> {
  const sent: { detail: { event: { person: { type: string } } } }[] = [];
  const passings = new PassingNotifications({
    subscriptions: { all: async () => [subscribed("sub_1", kinds)] },
    send: async (body) => void sent.push(JSON.parse(body)),
    log: keptLog().log,
  });
  await passings.note(records.map((one, n) => ({ sequence: `${n}`, before: undefined, ...one })));
  return sent.map(({ detail }) => detail.event.person.type).toSorted();
}

it("queues the passings that browsers ask for, with the type of the person alone", async () => {
  const rows = [rowOf("a", "blacklist"), rowOf("b", "stranger"), rowOf("c", "employee")].map((after) => ({ after }));
  expect(await sentFor(["blacklist", "strangers"], rows)).toEqual(["blacklist", "stranger"]);
  expect(await sentFor(["blacklist"], rows)).toEqual(["blacklist"]);
  expect(await sentFor(["silence"], rows)).toEqual([]);
});

it("a changed event is queued if its person is another one now", async () => {
  const [stranger, banned] = [rowOf("a", "stranger"), rowOf("a", "blacklist")];
  expect(await sentFor(["blacklist"], [{ before: stranger, after: banned }])).toEqual(["blacklist"]);
  expect(await sentFor(["blacklist"], [{ before: banned, after: banned }])).toEqual([]);
});

it("reads no subscriptions for passings of which no browser is ever notified", async () => {
  const all = vi.fn(async () => []);
  const passings = new PassingNotifications({ subscriptions: { all }, send: async () => {}, log: keptLog().log });
  await passings.note([{ sequence: "1", before: undefined, after: rowOf("a", "employee") }]);
  expect(all).not.toHaveBeenCalled();
});

it("no browser is notified of a check, or of a row that is no event", async () => {
  const others = [{ after: rowOf("a", "blacklist", "gatepost-check") }, { after: { pk: "notice status gate-1" } }];
  expect(await sentFor(["blacklist"], others)).toEqual([]);
});

const evacuation = {
  source: "gatepost",
  id: "1",
  "detail-type": "Evacuation Begun",
  detail: { roll: { id: "rol_1" } },
};
const silent = { ...evacuation, "detail-type": "Box Silent" };

it.each([
  ["takes it", async () => ({ failure: null, status: 201 }), null, true],
  ["is busy", async () => ({ failure: "push service answered 503", status: 503 }), "reason", false],
  ["is not reached", () => Promise.reject(new Error("no route")), "cause", false],
])("an entry is done if a push service %s", async (_, notify, logged, isDone) => {
  const { log, lines } = keptLog();
  const subscriptions = { all: async () => [subscribed("sub_1", [])] };
  const notifications = new Notifications({ subscriptions, notifier: { notify }, log, clock: () => noon });
  const limits = () => ({ timeoutMs: 1000, signal: new AbortController().signal });
  expect(await notifications.tell({ entryId: "1", envelope: evacuation }, limits)).toBe(isDone);
  const line = { level: "warn", message: "notification not sent, trying again" };
  expect(lines).toMatchObject(logged === null ? [] : [{ ...line, facts: { subscription: "sub_1" } }]);
  expect(await notifications.tell({ entryId: "1", envelope: evacuation }, () => null)).toBe(false);
  // No browser asks for it.
  expect(await notifications.tell({ entryId: "2", envelope: silent }, () => null)).toBe(true);
});
