import { LocalTimes } from "@gatepost/protocol";
import { answerToKept } from "@gatepost/receive/terminals";
import { expect, it } from "vitest";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";

const zone = "Asia/Kolkata";
const notification = '{"DeviceCode":"1","Seq":9,"FaceInfoList":[{"Timestamp":1795478478}]}';

it.each<[string, string | Buffer, isUsual?: true]>([
  ["a notification", notification],
  ["a long number", notification.replace("9", "9007199254740993")],
  ["a byte order mark", `\ufeff${notification}`],
  ["a comma too many", notification.replace("]}", "],}")],
  ["a NUL at its end", `${notification}\0`],
  ["a name in GBK", Buffer.from(notification.replace('"1"', '"\xcd\xf5"'), "latin1")],
  ["a heartbeat", '{"DeviceCode":"1","Time":"2026-11-24 08:05:00"}'],
  ["a list of the terminal's code", '["DeviceCode"]', true],
  ["the code of another sender", '{"DeviceCode":"1"}', true],
  ["a notification that is cut off", notification.slice(0, -1), true],
  ["another line", `${notification}\n"DeviceCode\n`],
  ["no code", '{"Seq":9}', true],
  [
    "a report of a terminal that needs no answer",
    '{"Events":[{"Code":"AccessControl","Data":{"DeviceCode":"1"}}]}',
    true,
  ],
])("a kept body with %s is answered as a delivered one", async (_, body, isUsual) => {
  const deps = new MemoryPorts();
  const token = deps.addKey();
  await deps.boxes.set("gate-1", { zone });
  const { headers, body: text } = await send(deps, { path: `/${token}/any`, body });
  const kept = answerToKept(Buffer.from(body), {}, { now: deps.now, local: new LocalTimes(zone) });
  expect(kept).toEqual(
    isUsual ? null : { status: 200, headers: { "content-type": headers["content-type"] }, body: text },
  );
});
