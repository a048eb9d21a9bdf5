import type { Interpretation, Json } from "@gatepost/protocol";
import { countLines, readTable, terminalValues } from "@gatepost/protocol/terminals";
import { terminalForms } from "@gatepost/receive/terminals";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Body } from "../../../../packages/receive/src/decode/body.ts";
import { decode } from "../../../../packages/receive/src/decode/decode.ts";
import { readXml } from "../../../../packages/receive/src/terminals/xml.ts";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { arrival } from "../../../support/reports.ts";
import { isLong, runs } from "../../../support/seeded.ts";
import { readTerminal } from "../../../support/terminal-values.ts";

/** How often each reader is tried. `npm run test:long` tries each a million times. */
const often = runs(isLong ? 40_000 : 1000);
const patience = { timeout: isLong ? 3_600_000 : 180_000 };

/** A text of pieces of a form, and of anything between them. */
const pieces = (...of: string[]) =>
  fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...of) }, fc.string({ maxLength: 6 })), { maxLength: 40 });
const joined = (...of: string[]) => pieces(...of).map((all) => all.join(""));

const xml = joined(
  ...["<EventNotificationAlert>", "</EventNotificationAlert>", "<AccessControllerEvent>", "</AccessControllerEvent>"],
  ...[
    "<name>",
    "</name>",
    "<a/>",
    "<",
    ">",
    "&amp;",
    "&#x41;",
    "&#99999999;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml?>",
  ],
  ...["<__proto__>", "</__proto__>", "<constructor>", "</constructor>", "<x:y z='1'>", "</x:y>", "eventType"],
);
const table = joined(
  ...[
    "\t",
    "\n",
    "\r\n",
    "\0",
    "=",
    "pin=1",
    "time=2026-11-24 08:01:18",
    "0042\t2026-11-24 08:01:18\t0\t15",
    "event=23",
  ],
  ...["PIN=20261124080118-0042.jpg", "CMD=uploadphoto", "USER PIN=1", "FP PIN=1\tTMP=x", "__proto__=1", "cardno=0"],
  ...["user ", "transaction ", "\n/9j/4AAQ", "\xff\xd8\xff", "\xcd\xf5"],
);
const form = joined(
  ...[
    "--b\r\n",
    "--b\r\nContent-Length: 2\r\n",
    "--b--\r\n",
    "\r\n\r\n",
    "\n\n",
    'Content-Disposition: form-data; name="event_log"\r\n',
    "Content-Type: image/jpeg",
  ],
  ...[
    '{"eventType":"heartBeat","macAddress":"m"}',
    '{"Events":[{"Code":"AccessControl","Data":{}}]}',
    "\xff\xd8\xff",
    "<a>",
  ],
);
const names = [
  "eventType",
  "macAddress",
  "AccessControllerEvent",
  "Events",
  "Code",
  "Data",
  "Action",
  "UserID",
  "DeviceCode",
];
const more = [
  "Seq",
  "FaceInfoList",
  "CardInfoList",
  "LibMatInfoList",
  "MatchPersonInfo",
  "iclock",
  "time",
  "pin",
  "dateTime",
];
const value = fc.letrec<{ any: Json; object: { [name: string]: Json } }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Json>(
      "constructor",
      "__proto__",
      "",
      "1",
      0,
      null,
      true,
      "ATTLOG",
      "AccessControl",
      "2026-11-24 08:01:18",
      1795478478,
    ),
    tie("object"),
    fc.array(tie("any"), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.constantFrom(...names, ...more, "terminalPictures", "face"), tie("any"), { maxKeys: 8 }),
})).object;

const reportOf = (read: Interpretation) => ("passing" in read ? read.passing.report : read);

/** Has each value understood as one that a store can keep as JSON. */
function interpretAll(values: readonly Json[]): void {
  for (const value of values) {
    const read = readTerminal(value, { ...arrival, zone: "Asia/Shanghai" });
    expect(JSON.parse(JSON.stringify(reportOf(read)))).toEqual(reportOf(read));
    if ("passing" in read) expect(read.passing.report.person?.id ?? "").not.toMatch(/\p{Cc}/u);
  }
}

it("reading XML never throws", patience, () => {
  fc.assert(
    fc.property(xml, (text) => {
      interpretAll(terminalValues(readXml(text) ?? null) ?? []);
    }),
    often,
  );
});

it("reading a table never throws, and gives a value for each line", patience, () => {
  fc.assert(
    fc.property(table, fc.constantFrom("ATTLOG", "rtlog", "OPERLOG", "tabledata", "ATTPHOTO", "-"), (text, named) => {
      const bytes = Buffer.from(text, "latin1");
      const values = readTable(bytes, { table: named, tableName: "-", serial: "1" });
      if ("unreadable" in values) expect(bytes.length).toBeGreaterThan(0);
      else {
        expect(values.length).toBe(values[0]?.["iclock"] === "ATTPHOTO" ? 1 : Math.max(countLines(bytes), 1));
        interpretAll(values);
      }
      terminalForms.tableAt(`/iclock/cdata/${named}/1`, bytes)?.values();
    }),
    often,
  );
});

it("reading a form never throws", patience, async () => {
  // The first body of XML loads its reader.
  const deps = new MemoryPorts();
  await send(deps, { path: `/${deps.addKey()}/any`, body: "<a/>" });
  fc.assert(
    fc.property(form, (text) => {
      const read = decode(new Body(Buffer.from(text, "latin1")), {}, { terminals: terminalForms });
      if ("parts" in read) interpretAll(read.parts.flatMap((part) => ("value" in part.read ? [part.read.value] : [])));
      terminalForms.withoutTemplates(Buffer.from(text, "latin1"));
    }),
    often,
  );
});

const wholeParts = fc.array(
  fc.record({
    what: fc.constantFrom("json", "xml", "picture", "note"),
    name: fc.constantFrom("", 'Content-Disposition: form-data; name="Picture"; filename="a.jpg"\r\n'),
    /** Without a length, a part ends with one line end. */
    ends: fc.constantFrom<{ length: boolean; text: string }>(
      { length: false, text: "\r\n" },
      { length: true, text: "" },
      { length: true, text: "\r\n\r\n" },
    ),
    boundaries: fc.constantFrom(1, 2),
  }),
  { minLength: 1, maxLength: 8 },
);

/** The content of a part by its place in the form. */
function contentOf(what: string, at: number): Buffer {
  const event = { eventType: "AccessControllerEvent", macAddress: "m", AccessControllerEvent: { serialNo: `${at}` } };
  if (what === "json") return Buffer.from(`\ufeff${JSON.stringify(event, null, 1)}`);
  if (what === "note") return Buffer.from("note");
  if (what === "picture") return Buffer.from([0xff, 0xd8, 0xff, at, 0x0d, 0x0a, 0xff, 0xd9]);
  const { eventType, AccessControllerEvent: access } = event;
  const inner = `<AccessControllerEvent><serialNo>${access.serialNo}</serialNo></AccessControllerEvent>`;
  return Buffer.from(`<EventNotificationAlert><eventType>${eventType}</eventType>${inner}</EventNotificationAlert>`);
}

it("a form of reports and pictures has each of them once", patience, () => {
  fc.assert(
    fc.property(wholeParts, fc.constantFrom("--b--", "--b--\r\n", ""), (parts, end) => {
      const pieces = parts.flatMap(({ what, name, ends, boundaries }, at) => {
        const content = contentOf(what, at);
        const length = ends.length ? `Content-Length: ${content.length}\r\n` : "";
        return [
          Buffer.from(`${"--b\r\n".repeat(boundaries)}${name}${length}X: y\r\n\r\n`),
          content,
          Buffer.from(ends.text),
        ];
      });
      const places = (...of: string[]) => parts.flatMap(({ what }, at) => (of.includes(what) ? [at] : []));
      const reports = places("json", "xml");
      fc.pre(reports.length > 0);
      const read = decode(new Body(Buffer.concat([...pieces, Buffer.from(end)])), {}, { terminals: terminalForms });
      const values = "parts" in read ? read.parts.map((part) => ("value" in part.read ? part.read.value : null)) : [];
      expect(values.map((one) => Number(Object(one).AccessControllerEvent?.serialNo))).toEqual(reports);
      const pictures = values.flatMap((one) => Object.values(Object(one).terminalPictures ?? {})).flat();
      const sent = places("picture").map((at) => contentOf("picture", at).toString("base64"));
      expect(pictures.toSorted()).toEqual(sent.toSorted());
    }),
    often,
  );
});

it("a value of a terminal stays the same value, and is understood or not", patience, () => {
  fc.assert(
    fc.property(value, (body) => {
      for (const terminalValue of terminalValues(body) ?? []) {
        expect(terminalValues(terminalValue)).toEqual([terminalValue]);
        interpretAll([terminalValue]);
      }
    }),
    often,
  );
});
