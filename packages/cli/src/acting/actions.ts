import type { Operations } from "@gatepost/client";
import { registeredTypes } from "@gatepost/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Api, withApi } from "../client.ts";
import { WrongUsage } from "../failure.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";

export function addActionCommands(program: Command): void {
  const actions = program
    .command("actions")
    .description("list what boxes ask for, approve it for the boxes, and undo it");
  onApi(actions.command("list"))
    .description("list actions, newest first by their last change")
    .option("--state <states>", "in these states, as pending,announced,failed")
    .addOption(
      new Option("--want <action>", "1001, register a stranger, or 1002, update a photo").choices(["1001", "1002"]),
    )
    .option("--box <name>", "of one box")
    .option("--approved", "only approved actions, or actions to undo, that are not done at every box yet")
    .option("--limit <number>", "how many, 500 at most", whole, 50)
    .action(list);
  onApi(actions.command("approve"))
    .argument("<id>")
    .description("let the bridge carry out an action; by default only at the box that asked")
    .option("--name <name>", "the person's name; required to register a stranger")
    .addOption(new Option("--type <type>", "as what; required to register a stranger").choices(registeredTypes))
    .option("--group <group>", "the permission group on the boxes")
    .option("--box <names...>", "at these boxes")
    .option("--site", "at all boxes of the site of the box that asked")
    .option("--all", "at all boxes")
    .option("--valid-from <time>", "the begin of a visit: a visitor who comes earlier is flagged; by default at once")
    .option(
      "--valid-until <time>",
      "the end of a visit, as 2026-11-05T18:00:00+08:00: the boxes then forget the visitor",
    )
    .option("--host <name>", "whom a visitor visits")
    .action(approve);
  onApi(actions.command("undo"))
    .argument("<id>")
    .description("make the boxes as they were before an action was approved; for 7 days")
    .action(undo);
}

type Action = Operations["POST /v1/actions/{id}/approval"]["answer"];

interface ListOptions extends Reading {
  state?: string;
  want?: "1001" | "1002";
  box?: string;
  approved?: true;
  limit: number;
}

async function list({ state, want, box, approved, limit, ...options }: ListOptions): Promise<void> {
  const query = { state, want, box, approved: approved && ("1" as const), limit };
  const found = await withApi(options, (api) => api.ask("GET /v1/actions", { query }));
  const titles = ["ID", "TIME", "BOX", "WANTS", "STATE", "WHO", "AT", "REASON"];
  const rows = found.actions.map((one) => [
    ...[one.id, one.at, one.box, one.wantAction, one.state, whoIn(one), boxesIn(one), one.reason],
  ]);
  print({ actions: found.actions }, () => table(titles, rows), options);
}

interface ApproveOptions extends Reading {
  name?: string;
  type?: (typeof registeredTypes)[number];
  group?: string;
  box?: string[];
  site?: true;
  all?: true;
  validFrom?: string;
  validUntil?: string;
  host?: string;
}

async function approve(id: string, { box, site, all, ...given }: ApproveOptions): Promise<void> {
  const { name, type, group, validFrom, validUntil, host, ...options } = given;
  if ([box, site, all].filter((way) => way !== undefined).length > 1) {
    throw new WrongUsage("give --box, --site or --all, or none of them for the box that asked");
  }
  const boxes = box ?? (site === true ? "site" : all === true ? "all" : undefined);
  const facts = { name, type, group, boxes, validFrom, validUntil, host };
  const body = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  const approved = await withApi(options, (api) => api.ask("POST /v1/actions/{id}/approval", { path: { id }, body }));
  print(approved, () => `Approved ${saidOf(approved)}. The bridge of these boxes does it.`, options);
}

async function undo(id: string, options: Reading): Promise<void> {
  const undone = await withApi(options, (api) => undoIn(api, id));
  print(undone, () => `To be undone ${saidOf(undone)}. The bridge of these boxes does it.`, options);
}

function undoIn(api: Api, id: string): Promise<Action> {
  return api.ask("POST /v1/actions/{id}/approval/undo", { path: { id } });
}

function saidOf(one: Action): string {
  const who = whoIn(one);
  return plain(`${who === null ? "" : `for ${who} `}at ${one.approval?.boxes.map(({ box }) => box).join(", ")}`);
}

function whole(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 to 500.");
}

function whoIn({ approval }: Action): string | null {
  if (approval === null) return null;
  const { name, person, type, group } = approval;
  return [name ?? person, type, group].filter((word) => word !== null).join(", ");
}

function boxesIn({ approval }: Action): string | null {
  if (approval === null) return null;
  const said = approval.boxes.map(({ box, state }) => `${box} ${state}`).join(", ");
  return approval.order === "undo" ? `undo: ${said}` : said;
}
