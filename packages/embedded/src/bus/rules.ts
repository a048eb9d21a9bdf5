import { createHash } from "node:crypto";
import { type AlertTarget, PrivateTarget, privateHost, type Timeouts } from "@gatepost/alerts/targets";
import { faultInWords } from "@gatepost/core/errors";
import { ruleLimits } from "@gatepost/core/rules";
import { type Compiled, compile, PatternError } from "@gatepost/event-pattern";
import { checkBox } from "@gatepost/protocol";
import * as z from "zod";
import { itemRanges } from "./item-lines.ts";
import { placeOf, type TextPosition } from "./json-fault.ts";
import { whyNeverMatches } from "./never-matches.ts";
import { targetSchema } from "./target.ts";
import { refuseNumbersForText } from "./text-fields.ts";

/** Each rule has at most one delivery in progress, so this also limits those. */
const maxRules = 100;

const name = z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores");

const pattern = z.unknown().transform((sent, { addIssue }): Compiled => {
  try {
    const compiled = compile(sent);
    refuseNumbersForText(sent);
    return compiled;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    addIssue(error.message);
    return z.NEVER;
  }
});

/** Seconds since the passing after which an entry is no longer delivered. */
const maxAgeSeconds = z.int().min(1).max(ruleLimits.maxAgeSeconds);

/** What the API notes of a change. `offSince` is there while the rule is off. */
const changeSchema = z.strictObject({
  by: z.string().max(64),
  at: z.iso.datetime(),
  offSince: z.iso.datetime().exactOptional(),
});

const ruleSchema = z.strictObject({
  name,
  pattern,
  target: targetSchema,
  maxAgeSeconds: maxAgeSeconds.exactOptional(),
  isOn: z.boolean().default(true),
  changed: changeSchema.exactOptional(),
});

export interface Rule extends z.output<typeof ruleSchema> {
  /** Changes whenever the pattern or the target changes. */
  digest: string;
  /** Changes whenever the target is another one, or is asked in another way. */
  targetDigest: string;
}

/** A rule inside Gatepost: entries that match it are delivered within the process. */
export interface OwnRule extends Pick<Rule, "name" | "pattern" | "digest" | "maxAgeSeconds"> {
  /** Throws, or says a failure, if it could not take the entry, which is then tried again. */
  hear(envelope: object, entry: Timeouts & { entryId: string }): Promise<Heard>;
}

/** What an own rule says of an entry: as an attempt does, or nothing if it has it. */
type Heard = { failure: string | null; status: number | null; retryAfterMs?: number; held?: string } | undefined;

/** The rule by which checks hear of their events. */
export function checkRule(hear: (envelope: object) => Promise<void>): OwnRule {
  const pattern = compile({ source: ["gatepost"], "detail-type": ["Gatepost Test"] });
  const heard = async (envelope: object) => void (await hear(envelope));
  return { name: checkBox, pattern, digest: "own", hear: heard };
}

/** The names of own rules that come and go with a browser. No rule of rules.json can have one. */
const ofBrowser = "notification ";

export function nameOfBrowser(id: string): string {
  return ofBrowser + id;
}

export function isOfBrowser(name: string): boolean {
  return name.startsWith(ofBrowser);
}

/** A rule that tells people. */
export type PeopleRule = Rule & { target: AlertTarget };

export function isForPeople(rule: Rule | OwnRule): rule is PeopleRule {
  return "target" in rule && "type" in rule.target;
}

export interface RuleOptions {
  /** Whether every rule may send to private addresses. */
  allowPrivateTargets: boolean;
  /** Whether `Face Event Recorded` is put on the bus. True if that is not known. */
  announceEvents: boolean;
}

export interface RuleSet {
  rules: ReadonlyMap<string, Rule>;
  /** The names of all rules, invalid ones included. */
  names: ReadonlySet<string>;
}

/** A rule that is invalid, or one that can never match. */
export interface RuleFault {
  rule: string | null;
  /** The place of its first character. */
  line: number;
  column: number;
  reason: string;
}

/** The fault of rules.json as a whole. The place is null if the file could not be opened. */
export interface FileFault {
  place: TextPosition | null;
  reason: string;
}

export const noRules: RuleSet = { rules: new Map(), names: new Set() };

/** The rules read from rules.json, and their faults. */
export interface ReadRules extends RuleSet {
  faults: RuleFault[];
  /** The rules that can never match. They are used all the same. */
  warnings: RuleFault[];
}

const usual: RuleOptions = { allowPrivateTargets: false, announceEvents: true };

/** Reads the text of rules.json. Throws if it is not a JSON array. Faults of single rules are returned. */
export function readRules(text: string, options: RuleOptions = usual): ReadRules {
  const items = z.array(z.unknown()).safeParse(JSON.parse(text)).data;
  if (items === undefined) throw new Error("it must be a JSON array of rules");
  const ranges = itemRanges(text);
  const rules = new Map<string, Rule>();
  const names = new Set<string>();
  const faults: RuleFault[] = [];
  const warnings: RuleFault[] = [];
  for (const [index, item] of items.entries()) {
    const named = z.object({ name }).safeParse(item).data?.name ?? null;
    const read = readRule(item, { named, names, ...options });
    if (named !== null) names.add(named);
    const faultOf = (reason: string) => ({ rule: named, ...placeOf(text, ranges[index]?.start ?? 0), reason });
    if (typeof read === "string") {
      faults.push(faultOf(read));
      continue;
    }
    rules.set(read.name, read);
    const never = whyNeverMatches(read.pattern, options);
    if (never !== null) warnings.push(faultOf(never));
  }
  return { rules, names, faults, warnings };
}

/** The rule, or why it is invalid. */
function readRule(
  item: unknown,
  { named, names, allowPrivateTargets }: RuleOptions & { named: string | null; names: ReadonlySet<string> },
): Rule | string {
  if (named === checkBox) return "Gatepost has a rule of this name itself; choose another";
  if (named !== null && names.has(named)) return "another rule before it has this name";
  if (names.size >= maxRules) return `there may be ${maxRules} rules`;
  const read = ruleSchema.safeParse(item, { error: faultInWords });
  if (!read.success) return read.error.issues.map(sentenceOf).join("; ");
  const { url, allowPrivate } = read.data.target;
  const host = allowPrivate || allowPrivateTargets ? null : privateHost(url);
  if (host !== null) return `target.url: ${new PrivateTarget(host).message}`;
  return { ...read.data, ...digestsOf(item) };
}

function sentenceOf({ path, message }: z.core.$ZodIssue): string {
  return [path.join("."), message].filter(Boolean).join(": ");
}

const changing = z.object({ pattern: z.unknown(), target: z.unknown(), maxAgeSeconds: z.unknown().optional() });

/** Members of a target that say when people are told, and of what. */
const telling = new Set(["template", "cooldownSeconds", "cooldownPer", "quiet"]);

function digestsOf(item: unknown): Pick<Rule, "digest" | "targetDigest"> {
  const { pattern, target, maxAgeSeconds: maxAge } = changing.parse(item);
  const asked = Object.entries(Object(target)).filter(([name]) => !telling.has(name));
  return {
    digest: digestOf([pattern, target, ...(maxAge === undefined ? [] : [maxAge])]),
    targetDigest: digestOf(asked.sort()),
  };
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
