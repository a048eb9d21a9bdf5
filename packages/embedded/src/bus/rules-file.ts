import { readFileSync, statSync } from "node:fs";
import type { Log } from "@gatepost/core/log";
import { jsonFaultAt } from "./json-fault.ts";
import type { KeptRules } from "./kept-rules.ts";
import {
  type FileFault,
  noRules,
  type Rule,
  type RuleFault,
  type RuleOptions,
  type RuleSet,
  readRules,
} from "./rules.ts";

const maxBytes = 1024 * 1024;

/** ms for which a missing file is ignored: some editors remove a file before they write the new one. */
const graceMs = 5000;

interface Deps {
  log: Log;
  clock: () => number;
  kept: Pick<KeptRules, "read" | "keep">;
}

/** Faults that are named at most. */
const maxNamed = 3;

/**
 * The rules of a data folder. They are read again whenever the file has changed: watching files is not reliable on
 * every system. If the file or a rule in it has an error, the last good version is used, also after a restart.
 */
export class RulesFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #options: RuleOptions;
  /** The version of the file that was read last. */
  #version: string | null = null;
  #missingSince: number | null = null;
  /** Why the system refused to read it the last time; null if it was read. */
  #unreadable: string | null = null;
  #current: RuleSet | null = null;
  readonly #kept: Pick<KeptRules, "read" | "keep">;
  #fault: FileFault | null = null;
  #faults: readonly RuleFault[] = [];

  constructor(path: string, { log, clock, kept, ...options }: RuleOptions & Deps) {
    this.#path = path;
    this.#kept = kept;
    this.#options = options;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * The current rules; cheap enough for every call. Null while the file exists and no version of it could be read yet.
   */
  current(): RuleSet | null {
    const version = this.#find();
    if (version === "missing") return this.#forget();
    this.#missingSince = null;
    if (version !== this.#version) {
      this.#version = version;
      this.#read();
    }
    return this.#current;
  }

  /** The fault of the file as a whole; null if it could be read. */
  fault(): FileFault | null {
    this.current();
    return this.#fault;
  }

  /** The errors of the file by their places, without its words: anyone may read them. */
  concerns(): string[] {
    const fault = this.fault();
    const isUsed = this.#current !== null;
    if (fault !== null && fault.place === null)
      return [
        isUsed
          ? "rules.json cannot be read: the last good rules are used"
          : "rules.json cannot be read: no rules are used",
      ];
    const places = fault?.place ? [fault.place] : this.#faults.slice(0, maxNamed);
    return places.map(({ line, column }) =>
      isUsed
        ? `rules.json has an error at line ${line}, column ${column}: the last good rules are used`
        : `rules.json has an error at line ${line}, column ${column}: no rules are used`,
    );
  }

  /** The text of the last version without an error. */
  lastGoodText(): string | null {
    return this.#kept.read();
  }

  #find(): string {
    try {
      const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? "missing" : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    } catch (error) {
      return `unreadable: ${error}`;
    }
  }

  #forget(): RuleSet {
    const now = this.#clock();
    // If the clock was set back, the time begins anew: else it would last until the clock has caught up.
    this.#missingSince = Math.min(this.#missingSince ?? now, now);
    const isBelieved = this.#current === null || now - this.#missingSince >= graceMs;
    if (isBelieved && this.#current !== noRules) {
      if (this.#current !== null) this.#log.warn("rules.json is gone, so nothing is delivered any more");
      this.#current = noRules;
      this.#version = null;
      this.#kept.keep(null);
    }
    if (isBelieved) [this.#fault, this.#faults] = [null, []];
    return this.#current ?? noRules;
  }

  #read(): void {
    let text = "";
    try {
      text = readFileSync(this.#path, "utf8").replace(/^\u{feff}/u, "");
      if (text.length > maxBytes) throw new Error("it may have 1 MB");
      const { faults, warnings, ...rules } = readRules(text, this.#options);
      if (faults.length === 0) this.#kept.keep(text);
      const mended = faults.length === 0 ? rules : { ...rules, rules: this.#withLastGood(rules, faults) };
      this.#log.info("rules read", { rules: mended.rules.size });
      for (const warning of warnings) this.#log.warn("rule can never match", { ...warning });
      [this.#current, this.#unreadable, this.#fault, this.#faults] = [mended, null, null, faults];
    } catch (cause) {
      this.#noteFault(cause, text);
      this.#current ??= this.#lastGood();
    }
  }

  /** Notes why the file cannot be used, and logs it once. */
  #noteFault(cause: unknown, text: string): void {
    const reason = reasonOf(cause);
    // Wrong rules stay wrong until they change. But if too many files are open, or an editor locks this one, it can be
    // read later without any change.
    const mayPass = cause instanceof Error && "code" in cause;
    const place = mayPass ? null : cause instanceof SyntaxError ? jsonFaultAt(text) : { line: 1, column: 1 };
    if (mayPass) this.#version = null;
    if (!mayPass || reason !== this.#unreadable) this.#say(reason, place);
    this.#unreadable = mayPass ? reason : null;
    [this.#fault, this.#faults] = [{ place, reason }, []];
  }

  /** The valid rules, and the last good version of each other. */
  #withLastGood({ rules }: RuleSet, faults: readonly RuleFault[]): ReadonlyMap<string, Rule> {
    const good = this.#lastGood();
    const mended = new Map(rules);
    for (const fault of faults) {
      const last = fault.rule === null ? undefined : good?.rules.get(fault.rule);
      if (last !== undefined && !mended.has(last.name)) mended.set(last.name, last);
      this.#log.error(last === undefined ? "rule left out" : "rule cannot be used; its last good version stays", {
        ...fault,
      });
    }
    return mended;
  }

  #lastGood(): RuleSet | null {
    const text = this.#kept.read();
    return text === null ? null : readRules(text, this.#options);
  }

  #say(reason: string, place: FileFault["place"]): void {
    this.#log.error("rules.json cannot be used; the rules before it stay", {
      file: this.#path,
      ...place,
      reason,
      help: "mend the file; it is read again when it changes",
    });
  }
}

/** The message of a JSON error quotes the text, which may contain a secret. Its place is enough. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return "it is no JSON";
  return error instanceof Error ? error.message : String(error);
}
