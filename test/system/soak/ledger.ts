import type { Channel, Fate, Passing } from "@gatepost/simulator";

/** Every passing that a box reported, by the channel, and which of them were acknowledged. */
export class Ledger {
  readonly #reported = new Map<Channel, Set<Passing>>();
  readonly #acknowledged = new Map<Channel, Set<Passing>>();

  readonly watch = (fate: Fate, channel: Channel, passing: Passing): void => {
    note(this.#reported, channel, passing);
    if (fate === "accepted") note(this.#acknowledged, channel, passing);
  };

  reported(...channels: Channel[]): Passing[] {
    return channels.flatMap((channel) => [...(this.#reported.get(channel) ?? [])]);
  }

  acknowledged(...channels: Channel[]): Passing[] {
    return channels.flatMap((channel) => [...(this.#acknowledged.get(channel) ?? [])]);
  }
}

function note(noted: Map<Channel, Set<Passing>>, channel: Channel, passing: Passing): void {
  const known = noted.get(channel) ?? new Set();
  known.add(passing);
  noted.set(channel, known);
}
