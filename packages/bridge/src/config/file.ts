import { statSync } from "node:fs";
import { readConfig } from "./read.ts";
import type { BridgeConfig } from "./schema.ts";

/** The bridge's file, to be looked at again and again: watching it would not be reliable everywhere. */
export class ConfigFile {
  readonly #name: string;
  /** What tells the version that was read last, and that was seen last. */
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
   * What is in it now, once for each version; null where there is no new one, or only since the last look: who writes it
   * may not be done. Throws ConfigError.
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
