import { type Viewer, Viewers } from "@gatepost/core/accounts";
import { RecentCache } from "../dynamo/recent-cache.ts";

/** ms for which a process relies on what it has read of a key or session: one that has ended may get events for so long. */
const knownForMs = 2000;

const maxKnown = 1000;

/** Reads a session at most once in two seconds, although each batch of changes is sent to its connection. */
export class RecentViewers extends Viewers {
  readonly #clock: () => number;
  readonly #known = new RecentCache<{ viewer: Viewer | null }>(maxKnown);

  constructor({ clock, ...deps }: ConstructorParameters<typeof Viewers>[0] & { clock(): number }) {
    super(deps);
    this.#clock = clock;
  }

  override async find(tokenHash: string): Promise<Viewer | null> {
    const now = this.#clock();
    const known = this.#known.find(tokenHash, now - knownForMs);
    if (known !== undefined) return known.viewer;
    const viewer = await super.find(tokenHash);
    this.#known.note(tokenHash, { viewer }, now);
    return viewer;
  }
}
