import { createHash } from "node:crypto";
import type { Album } from "../album.ts";
import type { Clock } from "../clock.ts";
import type { Faults } from "../faults.ts";
import { type Passing, picturesOf } from "../passing.ts";
import { exchange } from "../post.ts";
import type { Watcher } from "../watcher.ts";
import type { TerminalPassing, TerminalReply, TerminalRequest } from "./form.ts";
import type { TerminalMake } from "./makes.ts";
import { Terminal } from "./terminal.ts";

interface Options {
  make: TerminalMake;
  name: string;
  /** Its receiver with its key; for a terminal of ZKTeco also without one, if a key lists its serial. */
  url: URL;
  album: Album;
  faults: Faults;
  watch: Watcher;
  clock: Clock;
  /** Minutes by which its clock is ahead of UTC; by default like this machine. */
  zone?: number;
}

const periodMs = 1000;
const beatMs = 10_000;
/** ms that it needs to start. Its clock is wrong until the first heartbeat after that is answered. */
const startMs = 2500;
const timeoutMs = 10_000;

/**
 * Years in which its clock begins after a restart, one after the other. After the last year, it begins with the first one
 * again, a day later: no two passings of a person may have the same time.
 */
const wrongYears = 15;

/**
 * A terminal of another maker as a box of a fleet: it sends what the terminal has, and heartbeats. After a restart its
 * clock shows a day around 2000 until the server, or a time server, sets it.
 */
export class TerminalBox {
  readonly #options: Options;
  readonly #terminal: Terminal;
  readonly #passings = new WeakMap<TerminalPassing, Passing>();
  readonly #inside = new Set<string>();
  /** ms by which its clock is ahead. */
  #ahead = 0;
  #restarts = 0;
  /** The time of its last passing by its own clock. */
  #last = Number.NEGATIVE_INFINITY;
  #readyAt = Number.NEGATIVE_INFINITY;
  #beatAt = Number.NEGATIVE_INFINITY;

  constructor(options: Options) {
    const { make, name, watch, clock } = options;
    this.#options = options;
    const zone = options.zone ?? -new Date(clock.now()).getTimezoneOffset();
    this.#terminal = new Terminal({
      make,
      zone,
      id: make === "hikvision" ? macOf(name) : serialOf(name),
      send: (request) => this.#send(request),
      watch: (fate, sent) => {
        const passing = this.#passings.get(sent);
        if (passing !== undefined) watch(fate, "terminal", passing);
      },
    });
  }

  /** Passings that are not answered yet. */
  get waiting(): number {
    return this.#terminal.waiting;
  }

  /** A person passes. Its times are whole seconds, and it takes one person in a second. */
  passes(passing: Passing): void {
    const { person } = passing;
    const shown = Math.floor((this.#options.clock.now() + this.#ahead) / 1000) * 1000;
    this.#last = Math.max(shown, this.#last + 1000);
    const isKnown = person.type !== 4;
    const sent: TerminalPassing = {
      number: passing.number,
      person: isKnown ? person.id : null,
      name: person.name,
      at: this.#last,
      direction: this.#directionOf(person.id),
      picture: picturesOf(passing, this.#options.album).face,
    };
    this.#passings.set(sent, { ...passing, at: this.#last });
    this.#terminal.passes(sent);
  }

  /** It loses its power and starts again, also in the middle of a list. Its clock begins at another wrong time each time. */
  restart(): void {
    const now = this.#options.clock.now();
    const [year, day] = [2000 + (this.#restarts % wrongYears), 1 + Math.floor(this.#restarts / wrongYears)];
    this.#ahead = Date.UTC(year, 0, day) - now;
    this.#restarts += 1;
    this.#last = Number.NEGATIVE_INFINITY;
    this.#readyAt = now + startMs;
    this.#beatAt = this.#readyAt;
    this.#terminal.restart();
  }

  /** Sends until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      if (clock.now() >= this.#readyAt) await this.#cycle();
      await clock.sleep(periodMs, signal);
    }
  }

  async #cycle(): Promise<void> {
    if (this.#options.clock.now() >= this.#beatAt) await this.#beat();
    await this.#terminal.deliver();
  }

  async #beat(): Promise<void> {
    const { clock } = this.#options;
    const restarts = this.#restarts;
    const reply = await this.#terminal.beat(clock.now() + this.#ahead);
    if (reply?.status !== 200 || restarts !== this.#restarts) return;
    this.#beatAt = clock.now() + beatMs;
    const time = this.#terminal.timeIn(reply, clock.now());
    if (time === null) return;
    this.#ahead = time - clock.now();
    // Its clock may be set back by a second, but not over passings that it has.
    if (this.#last < Date.UTC(2000 + wrongYears)) this.#last = Number.NEGATIVE_INFINITY;
  }

  #directionOf(person: string): "in" | "out" {
    if (this.#inside.delete(person)) return "out";
    this.#inside.add(person);
    return "in";
  }

  async #send({ method, path, query, contentType, body }: TerminalRequest): Promise<TerminalReply | null> {
    const { url, faults } = this.#options;
    const base = path.endsWith("/keepalive") ? url.origin : url.href.replace(/\/+$/, "");
    const to = new URL(`${base}${path}${query === "" ? "" : `?${query}`}`);
    const manner = faults.strikes("cut") ? "cut" : faults.strikes("slow") ? "slow" : "whole";
    const reply = await exchange(to, { method, contentType, bytes: body }, { timeoutMs, manner });
    // The answer is lost, so that it sends the same again.
    return faults.strikes("duplicate") ? null : reply;
  }
}

/** The serial of the simulated terminal of this name. */
export function serialOf(name: string): string {
  return `SIM${digest(name).slice(0, 10).toUpperCase()}`;
}

function macOf(name: string): string {
  return `02:${(digest(name).slice(0, 10).match(/../g) ?? []).join(":")}`;
}

function digest(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
