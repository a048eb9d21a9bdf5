/**
 * The body of a request, as text or as bytes, whichever it came as. A text is turned into bytes only when they are
 * needed.
 */
export class Body {
  readonly #sent: string | Buffer;
  #made: Buffer | undefined;

  constructor(sent: string | Buffer) {
    this.#sent = sent;
  }

  /** The text, where it came as one. */
  get text(): string | null {
    return typeof this.#sent === "string" ? this.#sent : null;
  }

  get bytes(): Buffer {
    if (typeof this.#sent !== "string") return this.#sent;
    this.#made ??= Buffer.from(this.#sent);
    return this.#made;
  }
}
