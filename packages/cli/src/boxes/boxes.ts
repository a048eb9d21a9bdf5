import type { Box, BoxArrivals } from "@gatepost/client";
import type { Command } from "commander";
import { withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { allBoxes, arrivalsOf, type BoxFlags, boxProblem, clockInWords, flagsOfDay, spanInWords } from "./about.ts";

export function addBoxesCommands(program: Command): void {
  const boxes = program.command("boxes").description("see which boxes report, and which are silent");
  onApi(boxes.command("list")).description("list them, the silent ones first").action(list);
  onApi(boxes.command("show")).argument("<name>").description("show one with its devices").action(show);
  onApi(boxes.command("arrivals"))
    .argument("<name>")
    .description("show the last requests of a box with their results, and requests with a wrong key")
    .action(arrivals);
  onApi(boxes.command("unknown"))
    .description("list terminals of ZKTeco whose serial no key lists: they keep their records until one does")
    .action(unknown);
}

async function list(options: Reading): Promise<void> {
  const { boxes, flags } = await withApi(options, async (api) => ({
    boxes: await allBoxes(api),
    flags: await flagsOfDay(api),
  }));
  const measures = ["SILENT AFTER", "TODAY", "FLAGGED", "TOO LARGE", "SITE", "CLOCK", "FIRMWARE", "SERIAL", "PROBLEM"];
  const titles = ["BOX", "STATE", "SINCE", "LAST SEEN", ...measures];
  const rows = boxes.map((box) => [
    ...[box.id, stateInWords(box), box.since, box.lastSeen, spanInWords(box.silence.afterMs), today(box)],
    ...[percent(box.flagged.rate), box.refused?.["413"] ?? null, box.site, clockInWords(box, flags)],
    ...[box.about.firmware, box.about.serial, boxProblem(box, boxes)],
  ]);
  print({ boxes }, () => table(titles, rows), options);
}

async function show(name: string, options: Reading): Promise<void> {
  const { box, boxes, flags } = await withApi(options, async (api) => ({
    box: await api.ask("GET /v1/boxes/{id}", { path: { id: name } }),
    boxes: await allBoxes(api),
    flags: await flagsOfDay(api),
  }));
  print(
    box,
    () => `${plain(factsOf(box, { flags, problem: boxProblem(box, boxes) }))}\n\n${kindsOf(box)}\n\n${devicesOf(box)}`,
    options,
  );
}

async function arrivals(name: string, options: Reading): Promise<void> {
  const found = await withApi(options, (api) => arrivalsOf(name, api));
  print(found, () => arrivalsInWords(found), options);
}

async function unknown(options: Reading): Promise<void> {
  const found = await withApi(options, (api) => api.ask("GET /v1/unknown-terminals"));
  const rows = found.terminals.map(({ serial, from, count, last }) => [serial, from, count, last]);
  print(found, () => table(["SERIAL", "FROM", "REQUESTS", "LAST"], rows), options);
}

function arrivalsInWords({ arrivals: arrived, wrongKeys, refusedConnections }: BoxArrivals): string {
  const rows = arrived.map(({ at, from, path, bytes, outcome, kind, status, reason, event, quarantine }) => [
    ...[at, from, path, bytes, [outcome, kind, status, reason].filter((one) => one !== undefined).join(" ")],
    event ?? quarantine ?? null,
  ]);
  const came = table(["AT", "FROM", "PATH", "BYTES", "BECAME", "ID"], rows);
  if (wrongKeys === null) return came;
  const refused = wrongKeys.map(({ at, from, path }) => [at, from, path]);
  const connections = (refusedConnections ?? []).map(({ last, from, count, reason }) => [last, from, count, reason]);
  return [
    came,
    table(["WRONG KEY AT", "FROM", "PATH"], refused),
    ...(connections.length === 0 ? [] : [table(["NO REQUEST, LAST AT", "FROM", "TIMES", "REASON"], connections)]),
  ].join("\n\n");
}

function stateInWords({ state, silence }: Box): string {
  return state === "silent" && silence.isExpected ? "silent, expected" : state;
}

/** How many reports were received today; null if that is not counted. */
function today({ kinds }: Box): number | null {
  const counted = kinds.flatMap((kind) => kind.today ?? []);
  return counted.length < kinds.length ? null : counted.reduce((sum, count) => sum + count, 0);
}

function percent(rate: number | null): string | null {
  return rate === null ? null : `${Math.round(rate * 1000) / 10} %`;
}

function factsOf(box: Box, { flags, problem }: { flags: BoxFlags; problem: string | null }): string {
  const { about, silence, refused } = box;
  const ofDay = [...(flags.get(box.id) ?? [])].map(([flag, count]) => `${flag} ${count}`);
  const facts: [string, string | number | null][] = [
    ["box", box.id],
    ["display name", box.name],
    ["site", box.site],
    ["zone", box.zone],
    ["state", stateInWords(box)],
    ["since", box.since],
    ["first seen", box.firstSeen],
    ["last seen", box.lastSeen],
    ["silent after", `${spanInWords(silence.afterMs)}${silence.isOverride ? ", set by hand" : ""}`],
    ["usual pause", silence.usualMs === null ? "not known yet" : spanInWords(silence.usualMs)],
    ["clock", clockInWords(box, flags)],
    ["flagged", percent(box.flagged.rate)],
    ["flags today", ofDay.join(", ") || null],
    ["too large", refused === null ? null : tooLarge(refused)],
    ["is", [about.model, about.firmware, about.via].filter((one) => one !== null).join(", ") || null],
    ["name", about.name],
    ["address", about.ip],
    ["serial", about.serial],
    ["problem", problem],
    ["temperature", about.temperature],
    ["disk free", about.diskFreeBytes === null ? null : `${Math.round(about.diskFreeBytes / 2 ** 20)} MB`],
    ["memory used", percent(about.memoryRate)],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(14)}${value}`])).join("\n");
}

function tooLarge({ "413": count, turnOff }: NonNullable<Box["refused"]>): string {
  return turnOff === null ? `${count} in seven days` : `${count} in seven days; turn off ${turnOff} in the box`;
}

function kindsOf({ kinds }: Box): string {
  const rows = kinds.map(({ kind, dialect, lastSeen, today: count, lagMs }) => [
    ...[kind, dialect, lastSeen, count, lagMs === null ? null : spanInWords(Math.abs(lagMs))],
  ]);
  return table(["KIND", "DIALECT", "LAST SEEN", "TODAY", "LAG"], rows);
}

function devicesOf({ devices }: Box): string {
  const rows = devices.map(({ id, name, ip, type, direction, isOnline, state, lastSeen }) => [
    ...[id, name, ip, type, direction, isOnline === null ? null : isOnline ? "yes" : "no", state, lastSeen],
  ]);
  return table(["DEVICE", "NAME", "ADDRESS", "TYPE", "DIRECTION", "ONLINE", "STATE", "LAST SEEN"], rows);
}
