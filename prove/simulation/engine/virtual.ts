import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Random } from "@gatepost/simulator";
import { type Globals, pageGlobals } from "./pages.ts";
import type { Scheduler } from "./scheduler.ts";

/*
 * The product takes its clock as a port, but some of its waits are timers of Node. While a simulation runs, its
 * scheduler and its seed give all timers and random ids of this process.
 */

const require = createRequire(import.meta.url);

const deadlines = new WeakMap<AbortSignal, number>();

/** The virtual time at which a signal of `AbortSignal.timeout` aborts; Infinity for any other one. */
export function deadlineOf(signal: AbortSignal | undefined): number {
  return (signal && deadlines.get(signal)) ?? Number.POSITIVE_INFINITY;
}

/** Replaces timers and random ids. The returned function puts them back. */
export function virtualise(scheduler: Scheduler, random: Random): () => void {
  const promised: Record<string, unknown> = require("node:timers/promises");
  const replaced: Globals = [
    ...pageGlobals(scheduler),
    [globalThis, "setTimeout", (run: () => void, ms = 0) => new Timer(scheduler.after(ms, run))],
    [globalThis, "clearTimeout", cancelled(globalThis.clearTimeout)],
    [globalThis, "setImmediate", (run: () => void) => new Timer(scheduler.after(0, run))],
    [globalThis, "clearImmediate", cancelled(globalThis.clearImmediate)],
    [promised, "setTimeout", (ms: number) => scheduler.pause(ms)],
    [promised, "setImmediate", () => scheduler.pause(0)],
    [Date, "now", () => scheduler.now],
    [performance, "now", () => scheduler.now],
    [Math, "random", random],
    [globalThis.crypto, "randomUUID", () => uuidFrom(random)],
    // Only the message of an error is used, and many errors occur here.
    [Error, "stackTraceLimit", 0],
    [AbortSignal, "timeout", (ms: number) => signalUntil(scheduler.now + ms)],
  ];
  const restores = replaced.map(([target, name, value]) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    return () =>
      before === undefined ? Reflect.deleteProperty(target, name) : Object.defineProperty(target, name, before);
  });
  syncBuiltinESMExports();
  return () => {
    for (const restore of restores) restore();
    syncBuiltinESMExports();
  };
}

class Timer {
  readonly cancel: () => void;

  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
}

/** Timers from before the simulation, such as the timer of an open socket, are real ones. */
function cancelled<Real>(clearReal: (timer: Real) => void): (timer: Real) => void {
  return (timer) => (timer instanceof Timer ? timer.cancel() : clearReal(timer));
}

/** Nothing aborts it: the simulated services look at the deadline. */
function signalUntil(deadline: number): AbortSignal {
  const { signal } = new AbortController();
  deadlines.set(signal, deadline);
  return signal;
}

function uuidFrom(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
