import { isReserved } from "@gatepost/core/paths";
import { timeForms, timeIn } from "@gatepost/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";

/** The Gatepost of a command. */
export interface Target {
  data: string;
  url?: string;
  token?: string;
}

export interface Reading extends Target {
  json?: true;
}

const dataOption = () => new Option("--data <dir>", "the data folder").default(".gatepost");

/** A command that works on a data folder of this machine. */
export function onFolder(command: Command): Command {
  return command.addOption(dataOption());
}

/** A command that asks the API: of a data folder, with or without a running server, or of a server elsewhere. */
export function onApi(command: Command): Command {
  return onFolder(command)
    .addOption(new Option("--url <url>", "a Gatepost elsewhere, instead of a data folder").conflicts("data"))
    .addOption(new Option("--token <key>", "an admin key of it").env("GATEPOST_TOKEN"))
    .option("--json", "print one JSON document");
}

/** The option of commands that work on a deployment on AWS, with the credentials of the caller. */
export function stageOption(purpose: string): Option {
  return new Option("--stage <stage>", `a deployment on AWS, with the credentials here: ${purpose}`)
    .argParser(stageName)
    .conflicts(["data", "url"]);
}

export function tableOption(): Option {
  return new Option("--table <name>", "its table, as the deployment printed it; else it is found by its tags")
    .argParser(tableName)
    .conflicts(["data", "url"]);
}

function stageName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,40}$/i.test(text)) return text;
  throw new InvalidArgumentError("It must be a stage's name, as production.");
}

function tableName(text: string): string {
  if (/^[\w.-]{3,255}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the name of a DynamoDB table.");
}

/** The option of commands that print or write URLs. */
export function publicUrl(): Option {
  return new Option(
    "--public-url <url>",
    "the address in printed URLs, as https://gate.example.com or https://example.com/gate",
  ).argParser(publicBase);
}

/** The address of a server for others. Its path is in cookies, and in front of the paths that Gatepost has. */
function publicBase(text: string): string {
  const address = base(text);
  const segments = new URL(address).pathname.split("/").slice(1).filter(Boolean);
  const isPlain = segments.every((segment) => /^[\w~-][\w.~-]*$/.test(segment));
  if (isPlain && !isReserved(segments)) return address;
  throw new InvalidArgumentError(
    "Its path must be of letters, digits and -_.~, and not begin as Gatepost's own, as /v1.",
  );
}

/** A place of objects, given as `s3://bucket/prefix`. */
export interface S3Place {
  bucket: string;
  /** Empty, or with a slash at its end. */
  prefix: string;
}

/** A place in a bucket, as `s3://bucket/prefix`. */
export function s3Place(text: string): S3Place {
  const [, bucket = "", path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*))?$/.exec(text) ?? [];
  const prefix = path.replace(/\/+$/, "");
  if (bucket === "" || prefix.split("/").includes(".."))
    throw new InvalidArgumentError("It must be as s3://bucket or s3://bucket/prefix.");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** The address of another Gatepost. */
export function targetUrl(text: string): string {
  return base(text);
}

/** An address that paths are put behind. */
function base(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === "";
  if (isPlain) return (url.origin + url.pathname).replace(/\/+$/, "");
  throw new InvalidArgumentError("It must be an address as https://gate.example.com.");
}

export function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= 65_535) return number;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

/** A time as any option takes it, or a day, or a time by the clocks of this machine: in ms since 1970, or NaN. */
export function localTime(text: string): number {
  const [, day] = /^(\d{4}-\d{2}-\d{2})(?:T|$)/.exec(text) ?? [];
  return timeIn(text) ?? (day !== undefined && isInCalendar(day) ? Date.parse(text) : Number.NaN);
}

/** `Date.parse` takes the 31st of February for the third of March. */
function isInCalendar(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A time with its zone, in ms since 1970. */
export function time(text: string): number {
  const read = timeIn(text);
  if (read !== null) return read;
  throw new InvalidArgumentError(`It must be a time with its zone, ${timeForms}.`);
}

/** The same as it was written. */
export function timeText(text: string): string {
  time(text);
  return text;
}

/** A number of seconds. */
export function seconds(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(number)) return number;
  throw new InvalidArgumentError("It must be a whole number of seconds.");
}

const units: Record<string, number> = { "": 1, b: 1, kb: 1024, mb: 1024 ** 2 };
const largeUnits: Record<string, number> = { ...units, gb: 1024 ** 3, tb: 1024 ** 4 };
const maxMegabytes = 512;

/** A number of bytes, as `2gb`, of any size. */
export function bytesADay(text: string): number {
  const [, number, unit = ""] = /^(\d{1,12})\s*([a-z]*)$/i.exec(text) ?? [];
  const bytes = Number(number) * (largeUnits[unit.toLowerCase()] ?? Number.NaN);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError("It must be a size as 500mb or 2gb.");
}

/** A number of bytes, as `64mb`. */
export function size(text: string): number {
  const [, number, unit = ""] = /^(\d{1,9})\s*([a-z]*)$/i.exec(text) ?? [];
  const bytes = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (bytes >= 1 && bytes <= maxMegabytes * 1024 ** 2) return bytes;
  throw new InvalidArgumentError(`It must be a size as 64mb, at most ${maxMegabytes}mb.`);
}

/** Another value of an option that may be repeated, behind those before. */
export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
