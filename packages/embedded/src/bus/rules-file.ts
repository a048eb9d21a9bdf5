import { readFileSync, statSync } from "node:fs";
import type { Log } from "@gatepost/core/log";
import { jsonFaultAt, type TextPosition } from "./json-fault.ts";
import type { KeptRules } from "./kept-rules.ts";
import { type FileFault, noRules, type RuleFault, type RuleOptions, type RuleSet, readRules } from "./rules.ts";

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
  /** The rules that cannot be used, and whether the last good version of each is used instead. */
  #faults: readonly (RuleFault & { isMended: boolean })[] = [];

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
    if (fault === null) {
      return this.#faults.slice(0, maxNamed).map((one) => concernAt(one, one.isMended ? "last-good" : "left-out"));
    }
    const isUsed = this.#current !== null;
    if (fault.place !== null) return [concernAt(fault.place, isUsed ? "last-good" : "none")];
    return [
      isUsed
        ? "rules.json cannot be read: the last good rules are used"
        : "rules.json cannot be read: no rules are used",
    ];
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
      const mended = { ...rules, ...this.#withLastGood(rules, faults) };
      this.#log.info("rules read", { rules: mended.rules.size });
      for (const warning of warnings) this.#log.warn("rule can never match", { ...warning });
      [this.#current, this.#unreadable, this.#fault, this.#faults] = [mended, null, null, mended.faults];
    } catch (cause) {
      this.#current ??= this.#lastGood();
      this.#noteFault(cause, text);
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

  /** The valid rules with the last good version of each other, and which of these there are. */
  #withLastGood({ rules }: RuleSet, faults: readonly RuleFault[]) {
    if (faults.length === 0) return { rules, faults: [] };
    const good = this.#lastGood();
    const mended = new Map(rules);
    const found = faults.map((fault) => {
      const last = fault.rule === null ? undefined : good?.rules.get(fault.rule);
      const isMended = last !== undefined && !mended.has(last.name);
      if (isMended) mended.set(last.name, last);
      this.#log.error(isMended ? "rule cannot be used; its last good version stays" : "rule left out", { ...fault });
      return { ...fault, isMended };
    });
    return { rules: mended, faults: found };
  }

  #lastGood(): RuleSet | null {
    const text = this.#kept.read();
    return text === null ? null : readRules(text, this.#options);
  }

  #say(reason: string, place: FileFault["place"]): void {
    const used = this.#current === null ? "no rules are used" : "the last good rules are used";
    this.#log.error(`rules.json cannot be used: ${used}`, {
      file: this.#path,
      ...place,
      reason,
      help: "mend the file; it is read again when it changes",
    });
  }
}

/** An error at a place, and the rules that are used instead. */
function concernAt({ line, column }: TextPosition, used: "last-good" | "none" | "left-out"): string {
  return {
    "last-good": `rules.json has an error at line ${line}, column ${column}: the last good rules are used`,
    none: `rules.json has an error at line ${line}, column ${column}: no rules are used`,
    "left-out": `rules.json has an error at line ${line}, column ${column}: this rule is not used`,
  }[used];
}

/** The message of a JSON error quotes the text, which may contain a secret. Its place is enough. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return "it is no JSON";
  return error instanceof Error ? error.message : String(error);
}
