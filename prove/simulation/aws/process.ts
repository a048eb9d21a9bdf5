/** One process of the product. When it ends, it hears of nothing any more, and nothing that it has asked for is undone. */
export class Process {
  readonly name: string;
  /** ms by which its clock is ahead. */
  readonly aheadMs: number;
  #callsLeft = Number.POSITIVE_INFINITY;
  #endsAfter = false;
  #isOver = false;
  readonly #over = Promise.withResolvers<void>();

  constructor(name: string, aheadMs: number) {
    this.name = name;
    this.aheadMs = aheadMs;
  }

  /** Resolves when it has ended. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Lets it end at one of its next calls: before it is sent, or when the service has just done it. */
  endAtCall(calls: number, isAfter: boolean): void {
    this.#callsLeft = calls;
    this.#endsAfter = isAfter;
  }

  /** Counts a call, and says whether the process ends before or after it. */
  beforeCall(): "before" | "after" | null {
    if (this.#isOver) return null;
    this.#callsLeft -= 1;
    if (this.#callsLeft > 0) return null;
    this.#callsLeft = Number.POSITIVE_INFINITY;
    if (this.#endsAfter) return "after";
    this.end();
    return "before";
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over.resolve();
  }
}
