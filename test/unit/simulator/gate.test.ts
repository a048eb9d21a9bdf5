import { Gate, Tally } from "@gatepost/simulator";
import { expect, it } from "vitest";
import { album, atEnd, ManualClock, receiver, until } from "./support.ts";

it("a stranger asks to be registered, and later passes as a person", async () => {
  const cloud = await receiver();
  const clock = new ManualClock();
  const tally = new Tally();
  const options = { name: "gate-1", version: "V5R6", seed: 3, album, url: new URL(`${cloud.url}/key`), clock } as const;
  const gate = await Gate.open({ ...options, watch: tally.watch });
  atEnd(() => gate.close());
  const told = async (count: number) => {
    await until(() => {
      clock.move(1000);
      return cloud.heard.length >= count;
    });
    return JSON.parse(cloud.heard[count - 1]?.body ?? "{}");
  };
  const look = gate.stranger();
  const first = await told(1);
  expect(first).toMatchObject({ person_type: 4, want_action: "1001" });
  expect(gate.library.recognise(look)).toBeNull();
  const info = { name: "王芳", type: 2, permission_ids: [] };
  const body = { identity_id: first.identity_id, reg_photo: first.recognize_face, group_name: "default_group", info };
  const registered = await fetch(`http://127.0.0.1:${gate.port}/SophonFogSys/api/users`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  expect(registered.status).toBe(200);
  gate.passes(look);
  expect(await told(2)).toMatchObject({ person_type: 2, identity_name: "王芳", want_action: "0" });
  expect(tally.counts).toMatchObject({ sent: 2, lost: 0 });
  expect(cloud.heard.map(({ path }) => path)).toEqual(["/key/HistoryEvent", "/key/HistoryEvent"]);
});
