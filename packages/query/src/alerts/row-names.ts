import { createHmac } from "node:crypto";

/** Names of the rows that alerts remember. People and URLs are in them by a keyed hash alone. */
export class AlertRowNames {
  readonly #secret: Buffer;

  /** @param secret what signs cursors */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  rule(name: string): string {
    return `rule ${name}`;
  }

  /** Strangers have no id: those of one place are one. */
  cooldown(rule: string, person: string | null, place: string): string {
    return `cooldown ${this.#hash([rule, person, place])}`;
  }

  mute(rule: string, person: string): string {
    return `mute ${this.#hash([rule, person])}`;
  }

  /** @param channel what tells it from others, to the last part of its URL */
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
