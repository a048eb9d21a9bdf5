import { absent, type Items, placeAt, present } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import { listFor, newViewId, type View, type ViewChange, viewIn, views } from "./view.ts";

/** Most views that a caller saves for itself, and most shared ones. */
const maxViews = 64;

/** Saved views of callers. A caller is the id of an account or a key. */
export class Views {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /**
   * The views of a caller and the shared ones, by name, at most 128. One that was saved within the last second may
   * be missing on AWS.
   */
  async list(caller: string): Promise<View[]> {
    const [mine, shared] = await Promise.all([this.#of(caller), this.#of(null)]);
    return [...mine, ...shared].toSorted((a, b) => order.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  }

  /** A view that the caller sees; null if there is none. */
  async get(id: string, caller: string): Promise<View | null> {
    const item = id.startsWith(views.pk("")) ? await this.#items.get(id) : null;
    if (item === null) return null;
    const stored = views.read(item);
    return stored.isForEverybody === 1 || stored.owner === caller ? viewIn(id, stored) : null;
  }

  /** Saves a view. Throws 409 if the caller has 64 already, or there are 64 shared ones. */
  async add({ name, address, isForEverybody }: Omit<View, "id">, caller: string): Promise<View> {
    const list = listFor(isForEverybody ? null : caller);
    await this.#requireRoom(isForEverybody ? null : caller);
    const id = newViewId();
    const stored = { name, address, owner: caller, isForEverybody: isForEverybody ? (1 as const) : (0 as const) };
    await this.#items.write(views.record(views.id(id), { ...stored, byBox: list.name, at: placeAt(0, id) }, absent()));
    return viewIn(id, stored);
  }

  /** Changes a view that the caller sees. Returns the view as it is now; null if there is none. */
  async change(id: string, change: ViewChange, caller: string): Promise<View | null> {
    if ((await this.get(id, caller)) === null) return null;
    const { applied } = await this.#items.write(views.change(views.id(id), { set: change, when: present() }));
    return applied ? this.get(id, caller) : null;
  }

  /** Removes a view that the caller sees. False if there is none. */
  async remove(id: string, caller: string): Promise<boolean> {
    return (await this.get(id, caller)) !== null && (await this.#items.remove(id, present())) !== null;
  }

  /** Removes the views that a caller has saved for itself. Those that it shares stay. */
  async removeOf(caller: string): Promise<void> {
    for (const { id } of await this.#of(caller)) await this.#items.remove(id);
  }

  async #of(owner: string | null): Promise<View[]> {
    const range = { lists: [listFor(owner)], order: "ascending" } as const;
    const found: View[] = [];
    for await (const { pk, item } of this.#items.list(range)) found.push(viewIn(pk, views.read(item)));
    return found;
  }

  async #requireRoom(owner: string | null): Promise<void> {
    if ((await this.#of(owner)).length < maxViews) return;
    const whose = owner === null ? "shared views" : "views of yours";
    throw new GatepostError("conflict", `there are ${maxViews} ${whose}; remove one that is not needed first`, {
      code: "too-many",
    });
  }
}

/** Names in any script, with numbers by their value, the same on every machine. */
const order = new Intl.Collator("en", { numeric: true });
