import { readFile } from "node:fs/promises";
import { type KeyRate, type Scope, scopes } from "@gatepost/core/keys";
import { dayMs, hourMs, omitAbsent, omitEmpty, timeForms, timeIn } from "@gatepost/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import { urlLines } from "../boxes/about.ts";
import { withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { bytesADay, onApi, publicUrl, type Reading, several, stageOption, tableOption } from "../options.ts";
import { print, writeOut } from "../output.ts";
import { csvRow, keysIn } from "./box-list.ts";
import { createKey, type NewKey, type Wanted } from "./created.ts";

export function addCreateKey(keys: Command): void {
  onApi(keys.command("create"))
    .description("make a key; its token is shown only now")
    .addOption(new Option("--scope <scope>", "the use of the key").choices(scopes).makeOptionMandatory())
    .option(
      "--box <name>",
      "the box that an ingest key is for, or one that a read key is limited to; may be repeated",
      several,
    )
    .addOption(new Option("--site <name>", "the site whose boxes a read key is limited to").conflicts("box"))
    .option(
      "--serial <number>",
      "the serial of a terminal of ZKTeco that delivers with an ingest key; may be repeated",
      several,
    )
    .option("--people", "let a read key read people, presence and hours")
    .option("--note <text>", "a note about the owner")
    .option("--expires <when>", "when it ends: 30d, 12h, or an instant as 2027-01-31T00:00:00Z", whenOf)
    .addOption(
      new Option(
        "--from <file>",
        "CSV with a box a line, each of which gets a key: columns box, note, serial",
      ).conflicts(["box", "serial", "note", "stage"]),
    )
    .addOption(stageOption("for its first key"))
    .addOption(tableOption())
    .addOption(rateOption())
    .addOption(dailyBytesOption())
    .addOption(publicUrl())
    .action(create);
}

export const rateOption = () =>
  new Option("--rate <number...>", "reports a second that it may deliver, as 5/s, and after it how many at once");

export const dailyBytesOption = () =>
  new Option("--daily-bytes <size>", "bytes that it may deliver a day (UTC), as 2gb").argParser(bytesADay);

type AskedKey = Reading & {
  scope: Scope;
  box?: string[];
  site?: string;
  serial?: string[];
  people?: true;
  note?: string;
  expires?: string;
  rate?: string[];
  dailyBytes?: number;
  stage?: string;
  table?: string;
  publicUrl?: string;
  from?: string;
};

async function create({ stage, table: named, publicUrl: given, from, ...asked }: AskedKey) {
  if (from !== undefined) return createAll(from, asked);
  if (named !== undefined && stage === undefined) throw new WrongUsage("--table is the table of a --stage");
  const wanted = wantedOf(asked);
  const { made, known } = await (stage === undefined
    ? withApi(asked, async (api) => ({ made: await createKey(api, wanted), known: api.publicUrl }))
    : createOnStage({ stage, table: named }, wanted).then((made) => ({ made, known: null })));
  printNew(made, () => inWords(made, { given, known }), asked);
}

/**
 * Makes a key for each box of a list, and prints each as soon as it is made: its token is shown only then. After a
 * failure the rest of the list can be sent again.
 */
async function createAll(file: string, asked: Omit<AskedKey, "stage" | "table" | "publicUrl" | "from">): Promise<void> {
  if (asked.scope !== "ingest") throw new WrongUsage("--from makes keys for boxes: --scope ingest");
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Failure(`could not read ${file}: ${sayWhy(cause)}`, { cause });
  });
  const limits = wantedOf(asked);
  const list = keysIn(text).map((wanted) => ({ ...limits, ...wanted }));
  if (asked.json !== true) writeOut("box,id,token\n");
  await withApi(asked, async (api) => {
    for (const [done, wanted] of list.entries()) {
      const made = await createKey(api, wanted).catch((cause: unknown) => {
        throw new Failure(`${sayWhy(cause)}; ${done} of ${list.length} keys were made, the next is ${wanted.box}`, {
          cause,
        });
      });
      const line = asked.json ? JSON.stringify(made) : csvRow([made.box ?? "", made.id, made.token]);
      printNew(made, () => line, {});
    }
  });
}

/** Prints a new key. If that fails, names the key to revoke: it is valid, and no one has its token. */
function printNew(made: NewKey, inWords: () => string, options: { json?: true }): void {
  try {
    print(made, inWords, options);
  } catch (error) {
    const advice = `the token of ${made.id} was not shown, and it is valid: revoke it, and make another`;
    throw new Failure(`${sayWhy(error)}; ${advice}`, { cause: error });
  }
}

/** A read key is limited to boxes; an ingest key is for one. */
function wantedOf({
  scope,
  box = [],
  site,
  serial,
  people,
  note,
  expires,
  rate,
  dailyBytes,
}: Omit<AskedKey, "stage" | "table">): Wanted {
  if (scope !== "read" && box.length > 1) throw new WrongUsage("only a read key may have several --box");
  const [first] = box;
  const ofBox = scope === "read" ? omitEmpty({ boxes: box }) : omitAbsent({ box: first });
  const limits = { expiresAt: expires, rate: rate === undefined ? null : rateOf(rate), dailyBytes };
  return { scope, ...ofBox, ...omitAbsent({ site, serials: serial, people, note, ...limits }) };
}

interface Address {
  given: string | undefined;
  /** Null if it is unknown here. */
  known: string | null;
}

function inWords({ id, scope, box, token }: NewKey, address: Address): string {
  const purpose = box === null ? scope : `${scope} for box ${box}`;
  const key = `${token}\n\nThis is ${id}, a key to ${purpose}. Keep it: it is not shown again.`;
  return scope === "ingest" ? [key, "", ...toPaste(token, address)].join("\n") : key;
}

function toPaste(token: string, { given, known }: Address): string[] {
  const urls = urlLines(given ?? known ?? "", token);
  const note =
    known === null
      ? "Put the address that the deployment printed before each; --public-url does it."
      : "If boxes reach it by another address, give that with --public-url.";
  return [
    "Paste into the box (an SE3 asks for both routes, others take the base):",
    ...urls,
    ...(given === undefined ? [note] : []),
  ];
}

/** Makes a key in the table of a stage. The code is loaded only here, because it brings the AWS SDK. */
async function createOnStage(
  deployed: { stage: string; table: string | undefined },
  { scope, box = null, ...more }: Wanted,
) {
  if (Object.keys(more).length > 0)
    throw new WrongUsage(
      "--stage makes a first key: make one with --note, --expires, --rate, --daily-bytes or several --box by --url and --token",
    );
  if ((scope === "ingest") !== (box !== null))
    throw new WrongUsage("an ingest key needs --box, and no other key has one");
  const { createStageKey } = await import("@gatepost/aws/stage-key");
  return createStageKey(deployed, { scope, box });
}

/** A time as ISO, from a number of hours or days, or from a time with its zone. */
function whenOf(text: string): string {
  const [, number, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const time = unit === undefined ? timeIn(text) : Date.now() + Number(number) * (unit === "d" ? dayMs : hourMs);
  if (time !== null) return new Date(time).toISOString();
  throw new InvalidArgumentError(`It must be as 30d or 12h, or a time with its zone, ${timeForms}.`);
}

/** The rate that the option \`--rate\` gives. Throws WrongUsage. */
export function rateOf([perSecond = "", burst, ...more]: readonly string[]): KeyRate {
  const number = Number(/^(\d{1,5}(?:\.\d{1,3})?)(?:\/s)?$/.exec(perSecond)?.[1]);
  const atOnce = burst === undefined ? Math.ceil(number) : Number(/^\d{1,7}$/.exec(burst)?.[0]);
  if (number > 0 && atOnce > 0 && more.length === 0) return { perSecond: number, burst: atOnce };
  throw new WrongUsage("--rate must be as 5/s, or as 5/s 20 for 20 at once");
}
