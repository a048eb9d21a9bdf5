import { boxSchema, type ShownBox } from "@gatepost/protocol";
import type { Command } from "commander";
import { allBoxes, spanInWords } from "../boxes.ts";
import { withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";

export function addBoxesCommands(program: Command): void {
  const boxes = program.command("boxes").description("see which boxes report, and which are silent");
  onApi(boxes.command("list")).description("list them, the silent ones first").action(list);
  onApi(boxes.command("show")).argument("<name>").description("show one with its devices").action(show);
}

async function list(options: Reading): Promise<void> {
  const boxes = await withApi(options, allBoxes);
  const titles = ["BOX", "STATE", "SINCE", "LAST SEEN", "SILENT AFTER", "TODAY", "FLAGGED", "TOO LARGE", "SITE"];
  const rows = boxes.map((box) => [
    ...[box.id, stateInWords(box), box.since, box.lastSeen, spanInWords(box.silence.afterMs), today(box)],
    ...[percent(box.flagged.rate), box.refused?.["413"] ?? null, box.site],
  ]);
  print({ boxes }, () => table(titles, rows), options);
}

async function show(name: string, options: Reading): Promise<void> {
  const box = await withApi(options, (api) => api.ask("GET /v1/boxes/{id}", { path: { id: name }, answer: boxSchema }));
  print(box, () => `${plain(factsOf(box))}\n\n${kindsOf(box)}\n\n${devicesOf(box)}`, options);
}

function stateInWords({ state, silence }: ShownBox): string {
  return state === "silent" && silence.isExpected ? "silent, expected" : state;
}

/** How many reports came today; null where that is not counted. */
function today({ kinds }: ShownBox): number | null {
  const counted = kinds.flatMap((kind) => kind.today ?? []);
  return counted.length < kinds.length ? null : counted.reduce((sum, count) => sum + count, 0);
}

function percent(rate: number | null): string | null {
  return rate === null ? null : `${Math.round(rate * 1000) / 10} %`;
}

function factsOf(box: ShownBox): string {
  const { about, silence, refused, clock } = box;
  const facts: [string, string | number | null][] = [
    ["box", box.id],
    ["site", box.site],
    ["state", stateInWords(box)],
    ["since", box.since],
    ["first seen", box.firstSeen],
    ["last seen", box.lastSeen],
    ["silent after", `${spanInWords(silence.afterMs)}${silence.isOverride ? ", set by hand" : ""}`],
    ["usual pause", silence.usualMs === null ? "not known yet" : spanInWords(silence.usualMs)],
    ["clock", clock.skewMs === null ? null : `${clock.skewMs} ms ahead`],
    ["flagged", percent(box.flagged.rate)],
    ["too large", refused === null ? null : tooLarge(refused)],
    ["is", [about.model, about.firmware, about.via].filter((one) => one !== null).join(", ") || null],
    ["name", about.name],
    ["address", about.ip],
    ["serial", about.serial],
    ["temperature", about.temperature],
    ["disk free", about.diskFreeBytes === null ? null : `${Math.round(about.diskFreeBytes / 2 ** 20)} MB`],
    ["memory used", percent(about.memoryRate)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(14)}${value}`])).join("\n");
}

function tooLarge({ "413": count, turnOff }: NonNullable<ShownBox["refused"]>): string {
  return turnOff === null ? `${count} in seven days` : `${count} in seven days; turn off ${turnOff} in the box`;
}

function kindsOf({ kinds }: ShownBox): string {
  const rows = kinds.map(({ kind, dialect, lastSeen, today: count, lagMs }) => [
    ...[kind, dialect, lastSeen, count, lagMs === null ? null : spanInWords(Math.abs(lagMs))],
  ]);
  return table(["KIND", "DIALECT", "LAST SEEN", "TODAY", "LAG"], rows);
}

function devicesOf({ devices }: ShownBox): string {
  const rows = devices.map(({ id, name, ip, type, direction, isOnline, state, lastSeen }) => [
    ...[id, name, ip, type, direction, isOnline === null ? null : isOnline ? "yes" : "no", state, lastSeen],
  ]);
  return table(["DEVICE", "NAME", "ADDRESS", "TYPE", "DIRECTION", "ONLINE", "STATE", "LAST SEEN"], rows);
}
