import { createHmac } from "node:crypto";

/** Names of the rows that alerts remember. They contain people and URLs only as keyed hashes. */
export class AlertRowNames {
  readonly #secret: Buffer;

  /** @param secret what signs cursors */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  rule(name: string): string {
    return `rule ${name}`;
  }

  /** Strangers have no id: all strangers of one place share a row. */
  cooldown(rule: string, person: string | null, place: string): string {
    return `cooldown ${this.#hash([rule, person, place])}`;
  }

  mute(rule: string, person: string): string {
    return `mute ${this.#hash([rule, person])}`;
  }

  /** @param channel everything that tells it from other channels, its whole URL included */
  channel(channel: readonly string[]): string {
    return `channel ${this.#hash(channel)}`;
  }

  #hash(parts: unknown): string {
    return createHmac("sha256", this.#secret)
      .update(`alert\0${JSON.stringify(parts)}`)
      .digest("base64url")
      .slice(0, 27);
  }
}
