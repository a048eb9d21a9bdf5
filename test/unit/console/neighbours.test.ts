import { expect, it, vi } from "vitest";
import { awaited, openPage, passing } from "./support.ts";

/** A page on which events are opened, with what the server says is beside each. */
async function openEvents(neighbours: (id: string) => ReturnType<Parameters<typeof openPage>[0]>) {
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    const [, id] = /^\/v1\/events\/(\w+)\/neighbours$/.exec(path) ?? [];
    return id === undefined ? 503 : neighbours(id);
  });
  vi.stubGlobal("history", {
    replaceState: (_state: null, _title: string, hash: string) => Object.assign(location, { hash }),
  });
  const { askBeside, beside, neighboursOf, step, unsaid } = await import(
    "../../../packages/console/src/state/neighbours.ts"
  );
  const { address, goInstead } = await import("../../../packages/console/src/state/route.ts");
  const { recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  const ask = () => askBeside(address.value.id ?? "", new AbortController().signal);
  return {
    beside,
    neighboursOf,
    recent,
    unsaid,
    ask,
    open: (id: string) => goInstead("event", id),
    async walk(to: "newer" | "older"): Promise<string | null> {
      await ask();
      step(to);
      return address.value.id;
    },
  };
}

/** Newest first. */
const order = ["a", "b", "c", "d", "e", "f"];
const inOrder = (id: string) => {
  const at = order.indexOf(id);
  return { newer: order[at - 1] ?? null, older: order[at + 1] ?? null };
};

it("keeps the neighbours of the opened event, despite a late answer about another", async () => {
  const late = awaited();
  const { ask, beside, open } = await openEvents((id) => (id === "a" ? late.answer : inOrder(id)));
  open("a");
  const slow = ask();
  open("b");
  await ask();
  late.give({ newer: null, older: "b" });
  await slow;
  expect(beside.value).toEqual({ newer: "a", older: "c" });
});

it("leads to every event once if a late report is first in the list", async () => {
  const { open, recent, walk } = await openEvents(inOrder);
  recent.value = ["d", "a", "b", "c"].map((id) => passing(id));
  open("a");
  const older = [];
  for (let steps = 0; steps < 5; steps++) older.push(await walk("older"));
  expect(older).toEqual(["b", "c", "d", "e", "f"]);
  const newer = [];
  for (let steps = 0; steps < 5; steps++) newer.push(await walk("newer"));
  expect(newer).toEqual(["e", "d", "c", "b", "a"]);
});

it("asks the server for an event outside the list, and throws without an answer", async () => {
  const { ask, beside, open, recent, unsaid } = await openEvents(() => 503);
  recent.value = ["a", "b", "c"].map((id) => passing(id));
  open("b");
  const before = unsaid.value;
  await ask();
  expect(beside.value).toEqual({ newer: "a", older: "c" });
  recent.value = [passing("a")];
  expect(unsaid.value).not.toBe(before);
  await expect(ask()).rejects.toMatchObject({ status: 503 });
});

const letters = [{ id: "c" }, { id: "b" }, { id: "a" }];

it("takes its neighbours in its list, newest first", async () => {
  const { neighboursOf } = await openEvents(() => 503);
  expect(neighboursOf("b", letters, null)).toEqual({ newer: "c", older: "a" });
  expect(neighboursOf("b", letters, { id: "b", newer: "x", older: "y" })).toEqual({ newer: "c", older: "a" });
});

it("asks the server at the end of the list", async () => {
  const { neighboursOf } = await openEvents(() => 503);
  expect(neighboursOf("a", letters, { id: "a", newer: "x", older: "y" })).toEqual({ newer: "b", older: "y" });
  expect(neighboursOf("c", letters, { id: "c", newer: null, older: "y" })).toEqual({ newer: null, older: "b" });
  expect(neighboursOf("a", letters, { id: "c", newer: null, older: "y" })).toEqual({ newer: "b", older: null });
});

it("is what the server says of one that is in no list", async () => {
  const { neighboursOf } = await openEvents(() => 503);
  expect(neighboursOf("z", letters, { id: "z", newer: "x", older: "y" })).toEqual({ newer: "x", older: "y" });
  expect(neighboursOf("z", letters, null)).toEqual({ newer: null, older: null });
});
