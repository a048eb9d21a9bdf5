import type { DatabaseSync, StatementSync } from "node:sqlite";
import { shownTarget } from "@gatepost/alerts/targets";
import { GatepostError } from "@gatepost/core/errors";
import type {
  AlertAsked,
  AlertPreview,
  Resend,
  RuleBook,
  RuleListing,
  Rules,
  RuleWish,
  Trial,
} from "@gatepost/core/rules";
import type { Zone } from "@gatepost/core/zones";
import { type Announcing, instant, omitAbsent, parseStored, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import type { EmbeddedBus } from "./bus.ts";
import type { Labels } from "./labelled.ts";
import { whyNeverMatches } from "./never-matches.ts";
import type { Repeats } from "./repeats.ts";
import { compiledOf, countMatching, type TrialDeps, trialsOf, tryPattern } from "./rule-trials.ts";
import { type FileFault, type Rule, type RuleFault, type RuleOptions, readRules } from "./rules.ts";
import { itemsOf, RulesEditor, versionOf } from "./rules-editor.ts";

interface Deps extends RuleOptions, Pick<Announcing, "addressOf"> {
  bus: EmbeddedBus;
  repeats: Pick<Repeats, "resend">;
  labels: Labels;
  rulesFile: string;
  /** In which a day begins. */
  zone: Zone;
  /** The alert that people would get, or the fault of its template. */
  previewOf(asked: AlertAsked): AlertPreview | string;
  clock(): number;
}

const count = z.object({ n: z.int() });
const lastTry = z.object({ tried_at: z.int(), status: z.int().nullable(), ms: z.int().nullable() });

/** The rules of one machine, as the API has them. */
export class EmbeddedRules implements Rules {
  readonly #deps: Deps;
  readonly #editor: RulesEditor;
  readonly #dead: StatementSync;
  readonly #last: StatementSync;
  readonly #taken: StatementSync;

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#editor = new RulesEditor(deps.rulesFile, deps);
    this.#dead = database.prepare("SELECT count(*) AS n FROM deliveries WHERE rule = ? AND state = 'dead'");
    this.#taken = database.prepare(
      "SELECT count(*) AS n FROM deliveries WHERE rule = ? AND tried_at >= ? AND state = 'delivered'",
    );
    this.#last = database.prepare(
      "SELECT tried_at, status, ms FROM deliveries WHERE rule = ? AND tried_at IS NOT NULL ORDER BY tried_at DESC LIMIT 1",
    );
  }

  async read(): Promise<RuleBook> {
    const written = this.#editor.text();
    const broken = this.#deps.bus.fileFault();
    const text = broken?.usedText ?? written;
    const items = itemsOf(text);
    const read =
      text.trim() === "" ? { rules: new Map<string, Rule>(), faults: [], warnings: [] } : readRules(text, this.#deps);
    const { rules, warnings } = read;
    const faults = broken === null ? read.faults : [faultOfFile(broken.fault)];
    const listed = [...rules.values()].map(async (rule) => {
      const item = items.find(({ raw }) => raw.name === rule.name);
      if (item === undefined) return [];
      const target = shownTargetOf(rule, item.raw.target);
      const failing = this.#deps.bus.failing(rule);
      const never = warnings.find((warning) => warning.rule === rule.name);
      return [
        {
          name: rule.name,
          isOn: rule.isOn,
          changed: rule.changed === undefined ? null : { offSince: null, ...rule.changed },
          line: item.line,
          pattern: item.raw["pattern"],
          target,
          failing: failing && { since: instant(failing.since), reason: failing.reason },
          ...omitAbsent({ maxAgeSeconds: rule.maxAgeSeconds, warning: never?.reason }),
          ...this.#delivered(rule.name),
          waiting: await this.#deps.bus.waiting(rule.name),
        },
      ];
    });
    return { version: versionOf(written), rules: (await Promise.all(listed)).flat(), faults };
  }

  async put(name: string, wish: RuleWish, version: string) {
    return this.#editor.put(name, wish, version);
  }

  async remove(name: string, version: string) {
    return this.#editor.remove(name, version);
  }

  tryPattern(pattern: unknown, events: readonly StoredEvent[]): Promise<Trial[]> {
    return tryPattern(pattern, events, this.#trying());
  }

  countMatching(pattern: unknown, events: readonly StoredEvent[]): Promise<number> {
    return countMatching(pattern, events, this.#trying());
  }

  warningOf(pattern: unknown): string | null {
    return whyNeverMatches(compiledOf(pattern), this.#deps);
  }

  preview(asked: AlertAsked): AlertPreview {
    const preview = this.#deps.previewOf(asked);
    if (typeof preview === "string") throw new GatepostError("bad-request", `template: ${preview}`);
    return preview;
  }

  async tryRules(event: StoredEvent): Promise<(Trial & { rule: string })[]> {
    const deps = this.#trying();
    const rules = this.#deps.bus.rules().filter(({ isOn }) => isOn);
    const trials = rules.map(async ({ name, pattern }) => {
      return (await trialsOf(pattern, event, deps)).map((trial) => ({ rule: name, ...trial }));
    });
    return (await Promise.all(trials)).flat();
  }

  async versionOf(name: string, { mayBeOff }: { mayBeOff: boolean }): Promise<string> {
    const rule = this.#deps.bus.rules().find((one) => one.name === name);
    if (rule === undefined)
      throw new GatepostError("not-found", "there is no such rule, or it cannot be used; list them");
    return this.#deps.bus.resendable(name, rule.digest, mayBeOff).digest;
  }

  resend(events: readonly StoredEvent[], asked: Resend) {
    return this.#deps.repeats.resend(events, asked);
  }

  waitingAgain(asked: Resend) {
    return this.#deps.bus.waitingAgain(asked);
  }

  outcomesOf(rule: string, job: string) {
    return this.#deps.bus.outcomesOf(rule, job);
  }

  takeBack(job: string) {
    return this.#deps.bus.takeBack(job);
  }

  ping(name: string) {
    return this.#deps.bus.ping(name);
  }

  #trying(): TrialDeps {
    const { addressOf, labels, announceEvents, clock } = this.#deps;
    return { addressOf, labels, announceEvents, now: clock() };
  }

  #delivered(rule: string): Pick<RuleListing, "dead" | "last" | "today"> {
    const { zone, clock } = this.#deps;
    const midnight = zone.startOfDay(zone.dayOf(clock()));
    const row = this.#last.get(rule);
    const last = row === undefined ? null : parseStored(lastTry, row, `rule ${rule}`);
    return {
      dead: parseStored(count, this.#dead.get(rule), `rule ${rule}`).n,
      today: parseStored(count, this.#taken.get(rule, midnight), `rule ${rule}`).n,
      last: last && { at: instant(last.tried_at), status: last.status, ms: last.ms ?? 0 },
    };
  }
}

function faultOfFile({ place, reason }: FileFault): RuleFault {
  return {
    rule: null,
    line: place?.line ?? 1,
    column: place?.column ?? 1,
    reason: `the file cannot be used: ${reason}`,
  };
}

/** The target of a rule without its secrets, as readers see it. */
function shownTargetOf({ target }: Rule, written: unknown): RuleListing["target"] {
  const { allowPrivate } = target;
  if (!("type" in target)) {
    const { url, headers, keys } = target;
    return { url: `${url}`, headers: Object.keys(headers), isSigned: keys.length > 0, allowPrivate };
  }
  const { hasSecret, ...shown } = shownTarget(written);
  return { ...shown, headers: [], isSigned: hasSecret, allowPrivate };
}
