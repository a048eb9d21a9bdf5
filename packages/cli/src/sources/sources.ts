import { join } from "node:path";
import { changeSources, plainFault, readSources, sourcesFile, trySource } from "@gatepost/embedded";
import { omitAbsent } from "@gatepost/protocol";
import type { Command } from "commander";
import { withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { dailyBytesOption, rateOf, rateOption } from "../keys/create.ts";
import { createKey } from "../keys/created.ts";
import { onApi, onFolder, type Reading, several, type Target } from "../options.ts";
import { print, table, writeOut } from "../output.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";

export function addSourceCommands(program: Command): void {
  const sources = program.command("sources").description("take reports from a broker of MQTT");
  onFolder(sources.command("add"))
    .argument("<name>")
    .description("add a source to sources.json, or change it; a running server connects within seconds")
    .requiredOption("--mqtt <url>", "the broker, as mqtts://broker.example:8883")
    .requiredOption("--topic <topic>", "a topic, as doors/+/card; may be repeated", several)
    .requiredOption("--box <name>", "the box whose reports they are; an ingest key is made for it")
    .option("--username <user>")
    .option("--password-file <file>", "a file with the password, in the data folder or with a whole path")
    .option("--ca <file>", "the authority of the broker's certificate, as PEM")
    .option("--retained", "also take the messages that the broker has kept from before")
    .action(add);
  onApi(sources.command("list")).description("list the sources: connected, since when, the last message").action(list);
  onFolder(sources.command("key"))
    .argument("<name>")
    .description(
      "make a new key for a source, as after its key was revoked; what waits at the broker is delivered by it",
    )
    .addOption(rateOption())
    .addOption(dailyBytesOption())
    .action(renewKey);
  onFolder(sources.command("remove"))
    .argument("<name>")
    .description("remove a source; its key is revoked, and its events stay")
    .action(remove);
  onFolder(sources.command("test"))
    .argument("<name>")
    .description("connect to its broker and subscribe, and take nothing; exit code 1 if that fails")
    .action(test);
}

interface Added extends Target {
  mqtt: string;
  topic: string[];
  box: string;
  username?: string;
  passwordFile?: string;
  ca?: string;
  retained?: true;
}

async function add(name: string, { data, topic: topics, mqtt, box, ...given }: Added): Promise<void> {
  const { username, passwordFile, ca, retained } = given;
  const optional = omitAbsent({ username, passwordFile, ca, retained });
  const folder = existingFolder(data);
  const fault = URL.canParse(mqtt) ? await plainFault(mqtt) : null;
  if (fault !== null) throw new Failure(fault);
  changed(folder, (sources) => {
    const before = sources.find((source) => source.name === name);
    const key = before?.box === box ? before.key : undefined;
    const added = { name, mqtt, topics, box, ...optional, ...omitAbsent({ key }) };
    return [...sources.filter((source) => source !== before), added];
  });
  writeOut(`source ${name} is in ${sourcesFile}: a running server connects within seconds\n`);
}

interface Renewed extends Target {
  rate?: string[];
  dailyBytes?: number;
}

/** The session at the broker stays: it is of the store and the name of the source. */
async function renewKey(name: string, { rate, dailyBytes, ...target }: Renewed): Promise<void> {
  const folder = existingFolder(target.data);
  const { box } = requireSource(folder, name);
  const limits = omitAbsent({ rate: rate && rateOf(rate), dailyBytes });
  const wanted = { scope: "ingest", box, note: `source ${name}`, ...limits } as const;
  const { id: key } = await withApi(target, (api) => createKey(api, wanted));
  changed(folder, (sources) => sources.map((source) => (source.name === name ? { ...source, key } : source)));
  writeOut(`source ${name} has the new key ${key}: a running server delivers by it within seconds\n`);
}

async function remove(name: string, { data }: Target): Promise<void> {
  const folder = existingFolder(data);
  requireSource(folder, name);
  changed(folder, (sources) => sources.filter((source) => source.name !== name));
  writeOut(`source ${name} is removed: a running server ends it and revokes its key\n`);
}

async function test(name: string, target: Target): Promise<void> {
  const folder = existingFolder(target.data);
  const source = requireSource(folder, name);
  const fault = (await trySource(source, folder)) ?? (await keyFault(name, target));
  if (fault !== null) throw new Failure(`source ${name}: ${sayWhy(fault)}`);
  writeOut(`source ${name}: the broker takes it, and sends ${source.topics.join(", ")}\n`);
}

/** What is wrong with the key of a source; null if nothing is. */
async function keyFault(name: string, target: Target): Promise<string | null> {
  const { sources } = await withApi(target, (api) => api.ask("GET /v1/sources"));
  const { fault = null } = sources.find((source) => source.name === name) ?? {};
  return fault?.startsWith("its key ") === true ? fault : null;
}

async function list(options: Reading): Promise<void> {
  const found = await withApi(options, (api) => api.ask("GET /v1/sources"));
  const rows = found.sources.map(({ name, box, broker, isConnected, since, lastMessageAt, fault }) => [
    ...[name, box, broker, isConnected ? "connected" : "not connected", since, lastMessageAt, fault],
  ]);
  const titles = ["NAME", "BOX", "BROKER", "STATE", "SINCE", "LAST MESSAGE", "FAULT"];
  const fault = found.fault === null ? "" : `\n! ${found.fault}`;
  print(found, () => `${table(titles, rows)}${fault}`, options);
}

function requireSource(folder: string, name: string) {
  const read = readSources(join(folder, sourcesFile));
  if ("fault" in read) throw new Failure(read.fault);
  const source = read.sources.find((one) => one.name === name);
  const names = read.sources.map((one) => one.name).join(", ");
  if (source === undefined) throw new WrongUsage(`there is no source ${name}; there are ${names || "none"}`);
  return source;
}

function changed(folder: string, change: Parameters<typeof changeSources>[1]): void {
  nameFolder(folder);
  try {
    changeSources(folder, change);
  } catch (error) {
    throw new Failure(sayWhy(error), { cause: error });
  }
}
