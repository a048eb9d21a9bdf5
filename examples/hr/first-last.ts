/*
 * Who came first and left last, by person and day, as CSV on stdout:
 *   node first-last.ts --from 2026-11-01 --to 2026-11-30 --zone Asia/Shanghai [--type employee] [--box gate-1] > november.csv
 * In the environment: GATEPOST_URL, and GATEPOST_TOKEN, a key of scope read. Both days are included, in the zone given.
 *
 * A passing whose time the box did not know (flag `clock`) is left out and counted on stderr: nobody's hours may depend on
 * it. Of passings after a retention of 90 days nothing is left, so take each month soon.
 */
import { parseArgs } from "node:util";
import { client, type Event } from "@gatepost/client";

const { GATEPOST_URL: url = "http://127.0.0.1:9528", GATEPOST_TOKEN: token = "" } = process.env;
const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string" },
    zone: { type: "string", default: Intl.DateTimeFormat().resolvedOptions().timeZone },
    type: { type: "string", multiple: true, default: ["employee", "vip"] },
    box: { type: "string", multiple: true, default: [] },
  },
});
const isDay = (text?: string): text is string => text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text);
const { from, to, zone } = values;
if (!isDay(from) || !isDay(to) || from > to)
  throw new Error("usage: first-last.ts --from 2026-11-01 --to 2026-11-30 [--zone Asia/Shanghai]");

const dayMs = 86_400_000;
/** As `2026-11-05 08:01:02`: Swedish writes it so. */
const local = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
const localTime = ({ timestamp }: Event) => local.format(timestamp);

interface Day {
  first: Event;
  last: Event;
  passings: number;
}

/** By person and day; one person has one id at all boxes that share a library. */
const days = new Map<string, Day>();
let withoutTime = 0;
for await (const event of passings(from, to)) {
  if (event.flags.includes("clock")) {
    withoutTime += 1;
    continue;
  }
  const [day = ""] = localTime(event).split(" ");
  if (event.person.id === null || day < from || day > to) continue;
  const key = JSON.stringify([event.person.id, day]);
  const { first, last, passings: before } = days.get(key) ?? { first: event, last: event, passings: 0 };
  days.set(key, {
    first: event.timestamp < first.timestamp ? event : first,
    last: event.timestamp > last.timestamp ? event : last,
    passings: before + 1,
  });
}

/** A day around what was asked for: which hours are in it, the zone says. */
async function* passings(first: string, last: string): AsyncGenerator<Event> {
  const range = { from: Date.parse(first) - dayMs, to: Date.parse(last) + 2 * dayMs };
  const [types, boxes] = [values.type as Event["person"]["type"][], values.box];
  const gatepost = client({ url, token });
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await gatepost.events({
      ...range,
      type: types,
      ...(boxes.length > 0 && { box: boxes }),
      limit: 500,
      ...(cursor && { cursor }),
    });
    yield* page.events;
    cursor = page.next;
  }
}

/** A name may begin like a formula, also behind blanks or characters that nobody sees. */
const formula = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
const harmless = (value: string) => (formula.test(value) ? `'${value}` : value);
/** In quotes, without control characters, and harmless in a spreadsheet. */
const cell = (value: string) => `"${harmless(value.replace(/\p{Cc}/gu, "")).replaceAll('"', '""')}"`;
const line = (cells: readonly string[]) => `${cells.map(cell).join(",")}\r\n`;

// The mark in front tells Excel that it is UTF-8.
process.stdout.write(`\uFEFF${line(["person", "name", "day", "first", "at", "last", "at", "passings"])}`);
for (const [key, { first, last, passings: count }] of [...days].sort(([one], [other]) => (one < other ? -1 : 1))) {
  const [person = "", day = ""]: string[] = JSON.parse(key);
  const timeOf = (event: Event) => localTime(event).split(" ")[1] ?? "";
  const cells = [
    person,
    last.person.name ?? "",
    day,
    timeOf(first),
    first.box.id,
    timeOf(last),
    last.box.id,
    `${count}`,
  ];
  process.stdout.write(line(cells));
}
if (withoutTime > 0) process.stderr.write(`left out because their time is not known: ${withoutTime}\n`);
