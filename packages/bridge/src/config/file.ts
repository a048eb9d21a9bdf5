import { statSync } from "node:fs";
import { readConfig } from "./read.ts";
import type { BridgeConfig } from "./schema.ts";

/** The configuration file. It is read again and again, because watching files is not reliable on every system. */
export class ConfigFile {
  readonly #name: string;
  /** The version of the file that was read last, and the one that was seen last. */
  #read: string | null = null;
  #seen: string | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  /** Throws ConfigError. */
  read(): BridgeConfig {
    this.#read = this.#version();
    return readConfig(this.#name);
  }

  /**
   * Returns each new version of the configuration once. Null if there is none, or if the file changed since the last
   * call: another program may still be writing it. Throws ConfigError.
   */
  changed(): BridgeConfig | null {
    const version = this.#version();
    const isDone = version === this.#seen;
    this.#seen = version;
    return isDone && version !== this.#read ? this.read() : null;
  }

  #version(): string {
    try {
      const stats = statSync(this.#name, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? "missing" : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
    } catch (error) {
      return `unreadable: ${error}`;
    }
  }
}
