import { maxPassingAgeSeconds, type Notifier, pushedTypes, pushPattern } from "@gatepost/alerts/push";
import type { PushSubscriptions, Subscription } from "@gatepost/core/push";
import { compile } from "@gatepost/event-pattern";
import type { PersonType } from "@gatepost/protocol";
import { nameOfBrowser, type OwnRule } from "../bus/rules.ts";

interface Deps {
  subscriptions: Pick<PushSubscriptions, "all">;
  notifier: Pick<Notifier, "notify">;
}

/** The rules that notify browsers, one for each: a push service that does not answer delays no other browser. */
export class PushRules {
  readonly #deps: Deps;
  #rules: ReadonlyMap<string, OwnRule> = new Map();
  #types: ReadonlySet<string> = new Set();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Reads the subscriptions again. Call it at the start, and after each change of them. */
  async refresh(): Promise<void> {
    const all = await this.#deps.subscriptions.all();
    this.#rules = new Map(all.map((one) => [nameOfBrowser(one.id), this.#ruleOf(one)]));
    this.#types = new Set(all.flatMap(({ kinds }) => pushedTypes(kinds)));
  }

  /** The rules by their names. */
  get current(): ReadonlyMap<string, OwnRule> {
    return this.#rules;
  }

  /** Whether a browser may be notified of a passing of such a person. */
  isOf(type: PersonType): boolean {
    return this.#types.has(type);
  }

  #ruleOf({ id, kinds }: Subscription): OwnRule {
    return {
      name: nameOfBrowser(id),
      pattern: compile(pushPattern(kinds)),
      digest: "own",
      maxAgeSeconds: maxPassingAgeSeconds,
      hear: (envelope, { entryId, ...timeouts }) => this.#deps.notifier.notify(id, { entryId, envelope }, timeouts),
    };
  }
}
