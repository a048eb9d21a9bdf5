import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Album, type Clock, type FaultChances, Faults, type Passing, Site } from "@gatepost/simulator";
import { onTestFinished } from "vitest";
import { bodyOf, listen } from "../../standins/listen.ts";
import { seeded } from "../../support/seeded.ts";

/** Runs cleanups after the test, the last one first. */
export function atEnd(step: () => unknown): void {
  onTestFinished(async () => void (await step()));
}

export async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "gatepost-test-"));
  atEnd(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Small pictures, drawn once: these tests count. */
export const album = await Album.draw(1, { looks: 2, scale: 0.05 });

export const noFaults = () => new Faults({}, () => 1);
export const faults = (chances: FaultChances, seed = 1) => new Faults(chances, seeded(seed));

/** A clock that only tests move. A sleeper wakes when its time is reached. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ until: number; wake(): void }>();

  constructor(now = Date.UTC(2026, 2, 1, 12)) {
    this.#now = now;
  }

  now = (): number => this.#now;

  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass at once. */
  move(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** The place of one simulated box. */
export function siteOf(box: string, clock: Pick<Clock, "now"> & Clock, changes: { strangers?: number } = {}): Site {
  return new Site({ seed: 5, box, devices: 2, strangers: 0.3, actions: 0.5, faults: noFaults(), clock, ...changes });
}

export function passings(count: number, box = "gate-1", clock: Clock = new ManualClock()): Passing[] {
  const site = siteOf(box, clock);
  return Array.from({ length: count }, () => {
    const passing = site.next();
    if (clock instanceof ManualClock) clock.move(1000);
    return passing;
  });
}

export interface Heard {
  path: string;
  contentType: string;
  body: string;
  /** The receipt that a bridge names; absent if it names none. */
  receipt?: string;
}

/** A receiver that records its requests and gives the chosen answers. */
export async function receiver(answer: (heard: Heard, index: number) => number | Promise<number> = () => 200) {
  const heard: Heard[] = [];
  const { url, close } = await listen(async (request, response) => {
    const body = await bodyOf(request).catch(() => null);
    // A client that hung up in the middle gets no answer.
    if (body === null) return;
    const { url: path = "", headers } = request;
    if (request.method === "GET" && /^\/gpi_[\w-]+$/.test(path)) {
      // Gatepost's answer to a GET of the URL.
      response.end("This key works. Deliver reports to this URL with POST.\n");
      return;
    }
    const receipt = headers["gatepost-receipt"];
    const named = typeof receipt === "string" ? { receipt } : {};
    const one = { path, contentType: headers["content-type"] ?? "", body: body.toString(), ...named };
    const index = heard.push(one) - 1;
    const status = await answer(one, index);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 200 ? '{"message":"SUCCESS","status":0}' : JSON.stringify({ message: "no", status }));
  });
  atEnd(close);
  return { url, port: Number(new URL(url).port), heard };
}

/** Waits for a condition, and looks more rarely the longer it takes; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitMs = 5; !(await holds()); waitMs = Math.min(waitMs * 1.3, 60)) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
