import type { Operations } from "@gatepost/client";
import { plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { Failure, WrongUsage } from "../failure.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { addResend } from "./resend.ts";

export function addRuleCommands(program: Command): void {
  const rules = program.command("rules").description("test the rules of rules.json, and send a rule what it missed");
  onApi(rules.command("test"))
    .argument("[names...]", "these rules alone")
    .description("see which entries each rule matches, and why not; exit code 1 if a rule cannot be used")
    .option("--event <id>", "try the rules on this event, instead of the last 100")
    .option("--send", "send the target of each rule a test entry as well")
    .action(test);
  addResend(rules);
}

const trial = z.object({
  matches: z.boolean(),
  why: z.array(z.object({ path: z.string(), holds: z.boolean(), is: z.string(), wants: z.string() })),
});
const tried = z.object({ tried: z.number(), matched: z.number(), events: z.array(trial) });
const ofEvent = z.object({ rules: z.array(trial.extend({ rule: z.string() })) });

type Trial = z.output<typeof trial>;
type Sent = Operations["POST /v1/rules/{name}/ping"]["answer"];
type Faults = Operations["GET /v1/rules"]["answer"]["faults"];

/** The result of one rule. */
interface Tested {
  rule: string;
  /** How many events it was tried on, and how many of them have an entry that it matches. */
  tried: number;
  matched: number;
  /** Why it can never match; null if it may. */
  warning: string | null;
  /** Why the newest entry without a match is none; null if all match. */
  misses: { path: string; is: string; wants: string }[] | null;
  /** The answer of its target; null if nothing was sent. */
  sent: Sent | null;
}

type Trials = Pick<Tested, "tried" | "matched" | "misses">;

async function test(
  names: string[],
  { event, send, ...options }: Reading & { event?: string; send?: true },
): Promise<void> {
  const found = await withApi(options, async (api) => {
    const { rules, faults } = await api.ask("GET /v1/rules");
    requireKnown(names, [...rules.map(({ name }) => name), ...faults.map(({ rule }) => rule)]);
    const isAsked = (name: string | null) => names.length === 0 || (name !== null && names.includes(name));
    const asked = rules.filter(({ name }) => isAsked(name));
    const ofOne = event === undefined ? null : await trialsOn(event, api);
    const tested: Tested[] = [];
    for (const { name, pattern, warning = null } of asked) {
      const trials = ofOne === null ? await trialsOf(pattern, api) : oneEvent(ofOne.get(name) ?? []);
      tested.push({ rule: name, warning, ...trials, sent: send === true ? await sendTest(name, api) : null });
    }
    return { rules: tested, faults: faults.filter(({ rule }) => isAsked(rule)) };
  });
  print(found, () => inWords(found), options);
  const wrong = found.faults.length + found.rules.filter(isRefused).length;
  if (wrong > 0) throw new Failure(`${plural(wrong, "rule does", "rules do")} not work`);
}

function requireKnown(names: readonly string[], known: readonly (string | null)[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new WrongUsage(
    `there is no rule ${unknown}; there are ${known.filter((name) => name !== null).join(", ") || "none"}`,
  );
}

async function trialsOf(pattern: unknown, api: Api): Promise<Trials> {
  const body = { pattern, last: 100 };
  const { tried: count, matched, events } = await api.ask("POST /v1/rules/try", { body, answer: tried });
  return { tried: count, matched, misses: missesOf(events) };
}

async function trialsOn(event: string, api: Api): Promise<Map<string, Trial[]>> {
  const { rules } = await api.ask("POST /v1/rules/try", { body: { event }, answer: ofEvent });
  return Map.groupBy(rules, ({ rule }) => rule);
}

function oneEvent(trials: readonly Trial[]): Trials {
  return { tried: 1, matched: trials.some(({ matches }) => matches) ? 1 : 0, misses: missesOf(trials) };
}

/** The conditions that the newest entry without a match does not meet. */
function missesOf(trials: readonly Trial[]): Tested["misses"] {
  const missed = trials.find(({ matches }) => !matches);
  if (missed === undefined) return null;
  return missed.why.filter(({ holds }) => !holds).map(({ path, is, wants }) => ({ path, is, wants }));
}

function sendTest(name: string, api: Api): Promise<Sent> {
  return api.ask("POST /v1/rules/{name}/ping", { path: { name } });
}

function isRefused({ sent: answer }: Tested): boolean {
  return answer !== null && answer.reason !== null;
}

function inWords({ rules, faults }: { rules: Tested[]; faults: Faults }): string {
  const rows = rules.map(({ rule, tried: count, matched, misses, sent: answer }) => [
    ...[rule, `${matched} of ${count}`, misses?.map(missInWords).join("; ") ?? null],
    answer === null ? null : (answer.reason ?? `answered ${answer.status} in ${answer.ms} ms`),
  ]);
  const broken = faults.map(
    ({ rule, line, reason }) => `! ${rule === null ? "a rule" : `rule ${rule}`}, line ${line}: ${reason}`,
  );
  const useless = rules.flatMap(({ rule, warning }) =>
    warning === null ? [] : [`! rule ${rule} can never match: ${warning}`],
  );
  return [table(["RULE", "MATCHES", "THE NEWEST MISS", "TEST"], rows), ...[...broken, ...useless].map(plain)].join(
    "\n",
  );
}

function missInWords({ path, is, wants }: { path: string; is: string; wants: string }): string {
  return `${path} is ${is || "absent"}, wanted ${wants}`;
}
