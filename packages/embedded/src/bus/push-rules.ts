import type { Notifier } from "@gatepost/alerts/push";
import type { PushKind, PushSubscriptions, Subscription } from "@gatepost/core/push";
import { compile } from "@gatepost/event-pattern";
import type { PersonType } from "@gatepost/protocol";
import type { OwnRule } from "./rules.ts";

/** Seconds after which a passing is no news for a closed page. */
const maxAgeSeconds = 600;

const prefix = "notification ";

/** Whether a name is one of a rule that notifies a browser. No rule of rules.json can have it. */
export function isPushRule(name: string): boolean {
  return name.startsWith(prefix);
}

const personTypes = new Map<PushKind, PersonType>([
  ["blacklist", "blacklist"],
  ["strangers", "stranger"],
]);

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
    this.#rules = new Map(all.map((one) => [prefix + one.id, this.#ruleOf(one)]));
    this.#types = new Set(all.flatMap(({ kinds }) => typesOf(kinds)));
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
      name: prefix + id,
      pattern: compile({ source: ["gatepost"], $or: wantedOf(kinds) }),
      digest: "own",
      maxAgeSeconds,
      hear: (envelope, { entryId, ...timeouts }) => this.#deps.notifier.notify(id, { entryId, envelope }, timeouts),
    };
  }
}

const typesOf = (kinds: readonly PushKind[]) => kinds.flatMap((kind) => personTypes.get(kind) ?? []);

/** Parts of a pattern, one of which an entry must match. Acknowledgements withdraw earlier notifications. */
function wantedOf(kinds: readonly PushKind[]): object[] {
  const types = typesOf(kinds);
  return [
    { "detail-type": ["Event Acknowledged", "Evacuation Begun", "Evacuation Ended"] },
    ...(kinds.includes("silence") ? [{ "detail-type": ["Box Silent", "Box Recovered"] }] : []),
    ...(types.length === 0
      ? []
      : [{ "detail-type": ["Face Event Recorded"], detail: { event: { person: { type: types } } } }]),
  ];
}
