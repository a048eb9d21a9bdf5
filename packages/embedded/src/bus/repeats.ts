import type { DatabaseSync, StatementSync } from "node:sqlite";
import { PassingAge } from "@gatepost/alerts/targets";
import { noneResent, type Resend, type ResendCounts } from "@gatepost/core/rules";
import { matches } from "@gatepost/event-pattern";
import {
  type AddressOf,
  actionRequested,
  type BusEntry,
  type EventAction,
  eventRecorded,
  isCheckBox,
  type StoredEvent,
} from "@gatepost/protocol";
import type { EmbeddedBus } from "./bus.ts";
import { envelopeOf } from "./envelope.ts";
import { type Labels, labelled } from "./labelled.ts";

interface Deps {
  bus: EmbeddedBus;
  labels: Labels;
  /** Whether rules of rules.json get recorded events. */
  announceEvents: boolean;
  addressOf(event: StoredEvent): AddressOf;
  clock(): number;
}

/** An entry that was made again; for an action that no one must get again, its state. */
interface Repeat {
  entry: BusEntry;
  closed: "pending" | "withheld" | "declined" | "done" | null;
}

/** Makes entries of events and open actions again, with their ids and `repeat`, and puts them behind live ones. */
export class Repeats {
  readonly #deps: Deps;
  readonly #had: StatementSync;

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#had = database.prepare("SELECT resent FROM deliveries WHERE rule = ? AND entry_id = ?");
  }

  /**
   * Puts the entries of events that a rule has not had into its queue. Throws GatepostError conflict if the rule is not
   * as it was at the request.
   */
  async resend(events: readonly StoredEvent[], asked: Resend): Promise<ResendCounts> {
    const counts = { ...noneResent };
    for (const event of events) {
      for (const repeat of await this.#repeatsOf(event)) {
        const outcome = this.#outcomeOf(repeat, asked);
        counts[outcome] += 1;
        const { job } = asked;
        if (outcome === "sent" && job !== null) await this.#deps.bus.putAgain(repeat.entry, { ...asked, job });
      }
    }
    return counts;
  }

  #outcomeOf({ entry, closed }: Repeat, { rule: name, version, job }: Resend): keyof ResendCounts {
    const { bus, clock } = this.#deps;
    // Read each time: a rule that is switched off gets nothing more.
    const rule = bus.resendable(name, version, job === null);
    const envelope = envelopeOf(entry);
    if (!matches(rule.pattern, envelope)) return "unmatched";
    const before = this.#had.get(name, entry.id);
    if (before !== undefined) return job !== null && before["resent"] === job ? "sent" : "had";
    if (closed !== null) return closed;
    return new PassingAge(JSON.stringify(envelope), clock()).isTooOld(rule) ? "tooOld" : "sent";
  }

  /** The text of an entry that was delivered, as it is sent again; null if it cannot be made again, or is not open. */
  async again(event: StoredEvent, entryId: string): Promise<string | null> {
    const repeats = await this.#repeatsOf(event);
    const found = repeats.find(({ entry }) => entry.id === entryId);
    return found === undefined || found.closed !== null ? null : JSON.stringify(envelopeOf(found.entry));
  }

  async #repeatsOf(event: StoredEvent): Promise<Repeat[]> {
    if (isCheckBox(event.box)) return [];
    const { announceEvents, addressOf, labels, clock } = this.#deps;
    const announcing = { addressOf: addressOf(event), now: clock(), hasWaited: true, isRepeat: true };
    const ofActions = event.actions.map((action) => ({
      closed: closedIn(action),
      entry: actionRequested(event, action, announcing),
    }));
    const recorded = announceEvents ? [{ closed: null, entry: eventRecorded(event, announcing) }] : [];
    return Promise.all(
      [...ofActions, ...recorded].map(async (repeat) => ({ ...repeat, entry: await labelled(repeat.entry, labels) })),
    );
  }
}

/** A pending action is announced by itself. */
function closedIn({ state }: EventAction) {
  return state === "announced" || state === "failed" ? null : state;
}
