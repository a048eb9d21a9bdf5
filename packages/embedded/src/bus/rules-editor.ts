import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { GatepostError } from "@gatepost/core/errors";
import type { RuleWish } from "@gatepost/core/rules";
import { instant, omitAbsent } from "@gatepost/protocol";
import { replaceFile } from "@gatepost/sqlite";
import * as z from "zod";
import { itemRanges } from "./item-lines.ts";
import { type RuleOptions, readRules } from "./rules.ts";
import { targetOf } from "./target-wish.ts";

const members = z.record(z.string(), z.unknown());
const rawRule = z.looseObject({
  name: z.string().optional(),
  target: z
    .looseObject({ headers: z.record(z.string(), z.string()).optional() })
    .optional()
    .catch(undefined),
});

/** The text of rules.json, and the place of each rule in it. */
interface RulesText {
  text: string;
  version: string;
  items: { raw: z.output<typeof rawRule>; line: number; start: number; end: number }[];
}

/** Changes single rules of rules.json. The rest of the text stays exactly as it was written. */
export class RulesEditor {
  readonly #path: string;
  readonly #options: RuleOptions;
  readonly #clock: () => number;

  constructor(path: string, { clock, ...options }: RuleOptions & { clock(): number }) {
    this.#path = path;
    this.#options = options;
    this.#clock = clock;
  }

  /** Throws GatepostError conflict if the file is not a list of rules. */
  read(): RulesText {
    const text = this.text();
    try {
      return { text, version: versionOf(text), items: itemsOf(text) };
    } catch (cause) {
      throw new GatepostError("conflict", "rules.json is no JSON list of rules: mend it by hand", { cause });
    }
  }

  put(name: string, wish: RuleWish, version: string): "written" | "outdated" {
    const file = this.read();
    if (file.version !== version) return "outdated";
    const held = file.items.find(({ raw }) => raw.name === name);
    const rule = ruleOf(name, wish, held?.raw ?? {}, this.#clock());
    const changed = held === undefined ? appended(file, rule) : replaced(file, held, rule);
    const { rules, faults } = readRules(changed, this.#options);
    if (!rules.has(name)) {
      const fault = faults.find((one) => one.rule === name) ?? faults.at(-1);
      throw new GatepostError("bad-request", `${fault?.reason ?? "the rule cannot be used"}`);
    }
    this.#write(changed);
    return "written";
  }

  remove(name: string, version: string): "written" | "outdated" | "unknown" {
    const file = this.read();
    if (file.version !== version) return "outdated";
    const index = file.items.findIndex(({ raw }) => raw.name === name);
    const [before, item, after] = [file.items[index - 1], file.items[index], file.items[index + 1]];
    if (item === undefined) return "unknown";
    const from = after === undefined && before !== undefined ? before.end : item.start;
    const to = after === undefined ? item.end : after.start;
    this.#write(file.text.slice(0, from) + file.text.slice(to));
    return "written";
  }

  /** The text of the file, also if it is invalid; empty if there is none. */
  text(): string {
    try {
      return readFileSync(this.#path, "utf8").replace(/^\u{feff}/u, "");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw error;
    }
  }

  #write(text: string): void {
    const mode = statSync(this.#path, { throwIfNoEntry: false })?.mode ?? 0o600;
    replaceFile(this.#path, text, mode & 0o600);
  }
}

/** Changes with the text of the file. */
export function versionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The rules as they are written. Throws if the text is no list of them. */
export function itemsOf(text: string): RulesText["items"] {
  const list = z.array(z.unknown()).parse(text.trim() === "" ? [] : JSON.parse(text));
  const ranges = itemRanges(text);
  return list.flatMap((item, index) => {
    const range = ranges[index];
    return range === undefined ? [] : [{ raw: rawRule.safeParse(item).data ?? {}, ...range }];
  });
}

/** The rule to write: the stored one with the requested changes. */
function ruleOf(
  name: string,
  { pattern, target, maxAgeSeconds, isOn: askedOn, by }: RuleWish,
  held: z.output<typeof rawRule>,
  now: number,
): object {
  const asked = targetOf(target, held.target ?? {});
  const { maxAgeSeconds: heldAge, isOn: heldOn, changed: heldChange, ...rest } = members.parse(held);
  const age = maxAgeSeconds === undefined ? heldAge : maxAgeSeconds;
  const isOff = askedOn === undefined ? heldOn === false : !askedOn;
  const at = instant(now);
  const offSince = heldOn === false ? (offBefore.safeParse(heldChange).data?.offSince ?? at) : at;
  const set = omitAbsent({ maxAgeSeconds: age, isOn: isOff ? false : null });
  return { ...rest, name, pattern, target: asked, ...set, changed: { by, at, ...(isOff && { offSince }) } };
}

const offBefore = z.object({ offSince: z.string().exactOptional() });

function replaced({ text }: RulesText, { start, end }: { start: number; end: number }, rule: object): string {
  const isOneLine = !text.slice(start, end).includes("\n");
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  const indent = line.slice(line.trimEnd().length);
  const written = isOneLine ? JSON.stringify(rule) : JSON.stringify(rule, null, 2).replaceAll("\n", `\n${indent}`);
  return text.slice(0, start) + written + text.slice(end);
}

function appended({ text, items }: RulesText, rule: object): string {
  const written = JSON.stringify(rule, null, 2).replaceAll("\n", "\n  ");
  const last = items.at(-1);
  if (last === undefined) return `[\n  ${written}\n]\n`;
  return `${text.slice(0, last.end)},\n  ${written}${text.slice(last.end)}`;
}
