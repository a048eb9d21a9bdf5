/** The names that may differ between the runtimes: they are random, or from a secret. */
const drawn = /\b(?:key|job)_\w+/g;

/** Whether two answers are equal. Such a name may be another one, but always the same other. */
export class Comparison {
  readonly #others = new Map<string, string>();

  /**
   * The places at which two values differ, and the difference; members whose path one of `leftOut` matches are not
   * looked at.
   */
  differences(one: unknown, other: unknown, leftOut: readonly RegExp[] = [], path = ""): string[] {
    if (leftOut.some((pattern) => pattern.test(path))) return [];
    if (isCompound(one) && isCompound(other) && Array.isArray(one) === Array.isArray(other)) {
      const names = new Set([...Object.keys(one), ...Object.keys(other)]);
      return [...names].flatMap((name) => this.differences(one[name], other[name], leftOut, `${path}/${name}`));
    }
    return this.#isSame(one, other) ? [] : [`${path}: ${shortened(one)} on one machine, ${shortened(other)} on AWS`];
  }

  #isSame(one: unknown, other: unknown): boolean {
    if (typeof one !== "string" || typeof other !== "string") return Object.is(one, other);
    const [names, others] = [one.match(drawn) ?? [], other.match(drawn) ?? []];
    if (one.replace(drawn, "") !== other.replace(drawn, "")) return false;
    return names.every((name, at) => {
      const known = this.#others.get(name) ?? others[at] ?? "";
      this.#others.set(name, known);
      return known === others[at];
    });
  }
}

function isCompound(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function shortened(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
