/** The body of a request, which came as text or as bytes. A text is made into bytes only when they are needed. */
export class Body {
  readonly #sent: string | Buffer;
  readonly #unpacked: Buffer | undefined;
  #made: Buffer | undefined;

  /** @param unpacked the bytes without their content encoding, if they have one */
  constructor(sent: string | Buffer, unpacked?: Buffer) {
    this.#sent = sent;
    this.#unpacked = unpacked;
  }

  /** The text, if the body came as text; else null. */
  get text(): string | null {
    return typeof this.#sent === "string" ? this.#sent : null;
  }

  /** The bytes as they were sent. */
  get bytes(): Buffer {
    if (typeof this.#sent !== "string") return this.#sent;
    this.#made ??= Buffer.from(this.#sent);
    return this.#made;
  }

  /** The bytes as they are read: without their content encoding. */
  get unpacked(): Buffer {
    return this.#unpacked ?? this.bytes;
  }
}
