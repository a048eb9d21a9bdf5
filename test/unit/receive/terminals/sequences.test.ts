import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../../support/http.ts";
import type { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg } from "../../../support/pictures.ts";
import { serial } from "../../../support/terminals.ts";
import { gateInShanghai, token } from "./gate.ts";

let deps: MemoryPorts;
beforeEach(async () => {
  deps = await gateInShanghai();
});

interface Sent {
  path: string;
  query?: string;
  body: string | Buffer;
}

/** Sends requests and then all of them again. Gives the events by their persons, with the kinds of their pictures. */
async function eventsOf(requests: readonly Sent[]) {
  for (const request of [...requests, ...requests]) await send(deps, request);
  expect(deps.reasons()).toEqual([]);
  return deps
    .events()
    .map(({ person, device, result, pictures }) =>
      [person.id ?? person.type, device.direction, result, ...Object.keys(pictures)].join(" "),
    )
    .sort();
}

const table = (name: string, body: string | Buffer): Sent => ({
  path: "/iclock/cdata",
  query: `SN=${serial}&table=${name}`,
  body,
});
const attlog = (...lines: string[]) => table("ATTLOG", lines.map((line) => `${line}\t0\t0\t0\t\r\n`).join(""));
const door = (members: string) => table("rtlog", `time=2026-11-24 08:01:18\t${members}\r\n`);
const photo = (name: string, between = "\n") => {
  const head = [`PIN=${name}.jpg`, `SN=${serial}`, "size=133", "CMD=uploadphoto"].join(between);
  return table("ATTPHOTO", Buffer.concat([Buffer.from(`${head}\0`), jpeg(name)]));
};
const at = "2026-11-24 08:01:18";

describe("requests of a terminal of ZKTeco, sent twice, become one event a passing:", () => {
  it.each<[string, Sent[], string[]]>([
    ["photo and record", [photo("20261124080118-0042"), attlog(`0042\t${at}\t1\t15`)], ["0042 out granted face"]],
    [
      "photo with tabs in its head and record",
      [photo("20261124080118-0042", "\t"), attlog(`0042\t${at}\t1\t15`)],
      ["0042 out granted face"],
    ],
    [
      "photo and passing at a door",
      [photo("20261124080118-0042"), door("pin=0042\tcardno=0\tevent=22\tinoutstatus=0")],
      ["0042 in denied face"],
    ],
    [
      "passing of a stranger at a door and photo",
      [door("pin=0\tcardno=0\tevent=27\tinoutstatus=0"), photo("20261124080118")],
      ["stranger in denied face"],
    ],
    ["in and out in one second", [attlog(`42\t${at}\t0\t15`, `42\t${at}\t1\t15`)], ["42 in granted", "42 out granted"]],
    [
      "records again in a longer list",
      [attlog(`42\t${at}\t0\t15`), attlog(`42\t${at}\t0\t15`, `43\t${at}\t0\t15`)],
      ["42 in granted", "43 in granted"],
    ],
    [
      "numbers with other zeros",
      [attlog(`42\t${at}\t0\t15`, `0042\t${at}\t0\t15`)],
      ["0042 in granted", "42 in granted"],
    ],
    [
      "a clock that was never set",
      [attlog("1\t2000-01-01 00:00:00\t0\t15", "1\t2000-01-01 00:00:05\t255\t15"), photo("20000101000000-1")],
      ["1  granted", "1 in granted face"],
    ],
  ])("%s", async (_, requests, events) => {
    expect(await eventsOf(requests)).toEqual(events);
  });
});

const second = 1795478478;
const face = (ID: number, Timestamp = second, note?: string) => [
  { ID, Timestamp, ...(note === undefined ? {} : { FaceImage: { Data: jpeg(note).toString("base64") } }) },
];
const match = (MatchPersonID: number, MatchStatus = 1) => [{ LibType: 3, MatchStatus, MatchPersonID }];
const notification = (changes: object): Sent => {
  const usual = { Seq: 9, DeviceCode: "2102", Timestamp: second + 1, NotificationType: 0, LibMatInfoList: match(5) };
  return { path: `/${token}/LAPI`, body: JSON.stringify({ ...usual, FaceInfoList: face(9), ...changes }) };
};
const kept = { NotificationType: 1, Seq: 30, Timestamp: second + 900 };
const stranger = { LibMatInfoList: match(0, 2) };

describe("notifications of Uniview, sent twice, become one event a passing:", () => {
  it.each<[string, Sent[], string[]]>([
    ["a person, now and kept", [notification({}), notification(kept)], ["5  granted"]],
    [
      "a stranger with a picture, now and kept",
      [
        notification({ ...stranger, FaceInfoList: face(9, second, "a") }),
        notification({ ...stranger, ...kept, FaceInfoList: face(9, second, "a") }),
      ],
      ["stranger  denied face"],
    ],
    [
      "strangers without pictures, the first kept as well",
      [
        notification(stranger),
        notification({ ...stranger, Seq: 10, FaceInfoList: face(10) }),
        notification({ ...stranger, ...kept }),
      ],
      ["stranger  denied", "stranger  denied"],
    ],
    [
      "numbers that begin at 1 again",
      [
        notification({ Seq: 1, FaceInfoList: face(1) }),
        notification({ Seq: 1, FaceInfoList: face(1, second + 600) }),
        notification({ ...stranger, Seq: 1, FaceInfoList: face(1, second + 5) }),
        notification({ ...stranger, Seq: 1, FaceInfoList: face(1, second + 605) }),
      ],
      ["5  granted", "5  granted", "stranger  denied", "stranger  denied"],
    ],
    [
      "one person denied and granted in one second",
      [notification({ LibMatInfoList: match(5, 10) }), notification({ Seq: 10, FaceInfoList: face(10) })],
      ["5  denied", "5  granted"],
    ],
  ])("%s", async (_, requests, events) => {
    expect(await eventsOf(requests)).toEqual(events);
  });
});
