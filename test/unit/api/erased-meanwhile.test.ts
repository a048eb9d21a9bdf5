import { listOfPeople } from "@gatepost/core/people";
import { hourMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { passTurns } from "../../support/turns.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

const october = Date.UTC(2026, 9, 20, 1);

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
  for (const timestamp of [october, noon - 2 * hourMs]) {
    for (const id of ["7", "8"]) {
      await deps.deliver(passing({ identity_id: id, timestamp }), { receivedAt: timestamp + 500 });
    }
  }
  const { devices = [] } = (await deps.deps.boxes.reader.get("gate-1")) ?? {};
  for (const { key } of devices) await deps.deps.boxes.writer.set("gate-1", { device: { key, direction: "in" } });
});

const person = { library: "gate-1", id: "7" };
const reason = "Was seen";

/** The requests that store records about people, and the start of the keys of these records. */
const requests: [path: string, body: object, prefix: string, method?: string][] = [
  ["/v1/rolls", { site: "hq", isDrill: false }, "roll-person "],
  ["/v1/hours/close", { site: "hq", month: "2026-10" }, "closed-days "],
  ["/v1/hours/corrections", { ...person, day: "2026-10-20", kind: "leave", reason }, "cor_"],
  ["/v1/presence/corrections", { site: "hq", ...person, leftAt: noon - hourMs, reason }, "left_"],
  ["/v1/rosters/hq/2026-11", { rev: 0, days: [{ ...person, day: "2026-11-20", schedule: null }] }, "roster ", "PUT"],
  ["/v1/people/gate-1/7", { leftOn: "2026-11-30" }, "last-day ", "PATCH"],
];

/** The ids of the people of the stored records. */
async function peopleOf(prefix: string): Promise<unknown[]> {
  const ids: unknown[] = [];
  for await (const { pk, item } of deps.ingest.items.list({ lists: [listOfPeople], order: "ascending" })) {
    if (pk.startsWith(prefix)) ids.push(item["key"]);
  }
  return ids.toSorted();
}

describe("a request that stores records about people", () => {
  const send = async (path: string, body: object, method = "POST") =>
    (await deps.ask(path, { method, body: JSON.stringify(body) })).status;

  it.each(requests)("%s stores the person", async (path, body, prefix, method) => {
    expect(await send(path, body, method)).toBeLessThan(300);
    expect(await peopleOf(prefix)).toContain("7");
  });

  it.each(requests)(
    "%s stores no person who is erased after it has read the passings",
    async (path, body, prefix, method) => {
      const { items, reads } = deps.ingest;
      const write = items.write.bind(items);
      let erasing: Promise<number> | null = null;
      items.write = async (change) => {
        if (change.pk.startsWith(prefix)) {
          erasing ??= erasePerson(reads.eraser, "7", null);
          await passTurns(50);
        }
        return write(change);
      };
      expect(await send(path, body, method)).toBeLessThan(300);
      expect(await erasing).toBe(2);
      expect(await peopleOf(prefix)).not.toContain("7");
    },
  );
});
