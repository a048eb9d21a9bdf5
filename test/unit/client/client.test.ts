import { client } from "@gatepost/client";
import { beforeEach, expect, it } from "vitest";
import { jpeg, noon, passing, runtime, seen, type TestRuntime } from "../api/support.ts";

let deps: TestRuntime;
const clientOf = (token: string) =>
  client({
    token,
    fetch: (path, { method = "GET", body }) =>
      deps.ask(path, { method, token, ...(typeof body === "string" ? { body } : {}) }),
  });

beforeEach(async () => {
  deps = await runtime();
  await deps.deliver(seen);
});

it("reads events, pictures and actions", async () => {
  const gatepost = clientOf(deps.tokens.read);
  const { events, next } = await gatepost.events({ person: "666666", from: noon, limit: 1 });
  expect([events.length, next, events[0]?.person.name]).toEqual([1, null, "小明"]);
  const id = events[0]?.id ?? "";
  expect(await gatepost.event(id)).toEqual({
    ...events[0],
    actions: events[0]?.actions.map((action) => ({ ...action, history: [{ state: "pending", at: action.at }] })),
  });
  const face = await gatepost.picture(id, "face");
  expect([face.type, Buffer.from(await face.arrayBuffer())]).toEqual(["image/jpeg", jpeg("example")]);
  expect((await gatepost.actions({ state: "pending" })).actions).toMatchObject([{ eventId: id, wantAction: "1002" }]);
});

it("the address of a server may end with a slash", async () => {
  const asked: string[] = [];
  const fetch = async (path: string) => {
    asked.push(path);
    return Response.json({ events: [], next: null });
  };
  await client({ url: "https://gatepost.example/", token: "gpr_test", fetch }).events();
  expect(asked).toEqual(["https://gatepost.example/v1/events"]);
});

it("follows the feed of changes", async () => {
  const gatepost = clientOf(deps.tokens.read);
  const first = await gatepost.changes();
  expect([first.events.length, first.more]).toEqual([1, false]);
  await deps.deliver(passing());
  const { events } = await gatepost.changes(first.next, 10);
  expect(events.map(({ person }) => person.name)).toEqual(["Ada"]);
});

it("erasing and making keys are calls of the client", async () => {
  const gatepost = clientOf(deps.tokens.admin);
  const { id } = await gatepost.createKey({ scope: "read" });
  await gatepost.revokeKey(id);
  expect((await gatepost.keys()).keys.find((key) => key.id === id)?.revokedAt).not.toBeNull();
  expect(await gatepost.erasePerson({ id: "666666", all: "1" })).toMatchObject({ erased: 1, records: [] });
});

it("an error has the status and the advice of the API", async () => {
  const gatepost = clientOf(deps.tokens.read);
  await expect(gatepost.keys()).rejects.toMatchObject({
    status: 403,
    message: "this is a key to read; use one of scope admin",
  });
  await expect(gatepost.event("evt_none")).rejects.toMatchObject({ status: 404 });
});
