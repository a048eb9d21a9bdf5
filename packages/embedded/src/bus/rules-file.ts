import { readFileSync, statSync } from "node:fs";
import type { Log } from "@gatepost/ingest";
import { noRules, type RuleOptions, type RuleSet, readRules } from "./rules.ts";

const maxBytes = 1024 * 1024;

/** ms for which a missing file is ignored: some editors remove a file before they write the new one. */
const graceMs = 5000;

/**
 * The rules of a data folder. They are read again whenever the file has changed: watching files is not reliable on
 * every system.
 */
export class RulesFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #options: RuleOptions;
  /** The version of the file that was read last. */
  #version: string | null = null;
  #missingSince: number | null = null;
  /** Why the system did not let it be read the last time; null where it did. */
  #unreadable: string | null = null;
  #current: RuleSet | null = null;

  constructor(path: string, { log, clock, ...options }: RuleOptions & { log: Log; clock: () => number }) {
    this.#path = path;
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
    // Where the clock was set back, the time begins anew: else it would last until the clock has caught up.
    this.#missingSince = Math.min(this.#missingSince ?? now, now);
    const isBelieved = this.#current === null || now - this.#missingSince >= graceMs;
    if (isBelieved && this.#current !== noRules) {
      if (this.#current !== null) this.#log.warn("rules.json is gone, so nothing is delivered any more");
      this.#current = noRules;
      this.#version = null;
    }
    return this.#current ?? noRules;
  }

  #read(): void {
    try {
      const text = readFileSync(this.#path, "utf8");
      if (text.length > maxBytes) throw new Error("it may have 1 MB");
      const { faults, ...rules } = readRules(text.replace(/^\u{feff}/u, ""), this.#options);
      for (const fault of faults) this.#log.error("rule left out", { ...fault });
      this.#log.info("rules read", { rules: rules.rules.size });
      this.#current = rules;
      this.#unreadable = null;
    } catch (cause) {
      const reason = reasonOf(cause);
      // Wrong rules stay wrong until they change. But where too many files are open, or an editor holds this one, it can
      // be read later without any change.
      const mayPass = cause instanceof Error && "code" in cause;
      if (mayPass) this.#version = null;
      if (!mayPass || reason !== this.#unreadable) this.#say(reason);
      this.#unreadable = mayPass ? reason : null;
    }
  }

  #say(reason: string): void {
    this.#log.error("rules.json cannot be used; the rules before it stay", {
      file: this.#path,
      reason,
      help: "mend the file; it is read again when it changes",
    });
  }
}

/** The message of a JSON error quotes the text, which may contain a secret. Its position is enough. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SyntaxError)) return error instanceof Error ? error.message : String(error);
  return `it is no JSON${/ at position .*/.exec(error.message)?.[0] ?? ""}`;
}
