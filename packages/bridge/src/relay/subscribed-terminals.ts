import { BoxError } from "../se5/box-error.ts";

/** The first part of the paths to which terminals of Uniview post. */
const lapi = "LAPI";

/**
 * The terminals that post to the relay because the bridge has subscribed to them. A subscription names an address and a
 * port: there is no path that could have a key. They are known by their own address.
 */
export class SubscribedTerminals {
  readonly #boxes = new Map<string, string>();
  /** The address at which the relay listens; null without a relay. */
  relay: { host: string; port: number } | null = null;

  /**
   * Notes the address of the terminal of a box, in place of an earlier one. Throws BoxError if the terminal of another box
   * has it.
   */
  set(box: string, address: string): void {
    this.remove(box);
    const other = this.#boxes.get(address);
    if (other !== undefined)
      throw new BoxError(
        `the terminal of ${other} has the same address ${address}: their reports cannot be told apart`,
      );
    this.#boxes.set(address, box);
  }

  remove(box: string): void {
    for (const [address, other] of this.#boxes) if (other === box) this.#boxes.delete(address);
  }

  /** The box whose terminal sends a request without a key; null if there is none. */
  boxOf({ address, segments }: { address: string; segments: readonly string[] }): string | null {
    return segments[0] === lapi ? (this.#boxes.get(address.replace(/^::ffff:/, "")) ?? null) : null;
  }
}
