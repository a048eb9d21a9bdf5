import * as z from "zod/mini";
import { eventually } from "./eventually.ts";
import { type CheckReport, checkReport, personOfCheck } from "./report.ts";

/** The steps of a check, in this order. */
type StepName = "key" | "connect" | "deliver" | "read" | "pictures" | "feed" | "bus" | "erase" | "revoke";

export interface Step {
  step: StepName;
  ms: number;
  /** Why it failed; null if it did not. */
  failed: string | null;
}

/** Takes steps, and notes how long each took and whether it failed. */
export class CheckSteps {
  readonly taken: Step[] = [];
  readonly #inWords: (error: unknown) => string;

  /** @param inWords the reason of a failure, from its error */
  constructor(inWords: (error: unknown) => string) {
    this.#inWords = inWords;
  }

  /** Throws the error of the step. */
  async take<Result>(step: StepName, act: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const note = (failed: string | null) =>
      this.taken.push({ step, ms: Math.round(performance.now() - began), failed });
    try {
      const result = await act();
      note(null);
      return result;
    } catch (error) {
      note(this.#inWords(error));
      throw error;
    }
  }

  get failures(): Step[] {
    return this.taken.filter(({ failed }) => failed !== null);
  }
}

/** The members of an event that a check looks at. */
export const checkedEvent = z.object({
  id: z.string(),
  pictures: z.record(z.string(), z.unknown()),
  actions: z.array(z.object({ state: z.string() })),
});
type CheckedEvent = z.output<typeof checkedEvent>;

/** The members of a page of the feed of changes that a check looks at. */
export const changesForCheck = z.object({ events: z.array(z.object({ id: z.string() })), next: z.string() });

/** What a check does at a Gatepost, as a box, as a reader, and as an operator who erases. Each throws if it cannot. */
export interface CheckPorts {
  /** Posts a report of the box of checks, and resolves with the answer. */
  deliver(body: string): Promise<Response>;
  /** The page of the feed of changes after a cursor, or `end`, with the events of checks. */
  changes(after: string): Promise<z.output<typeof changesForCheck>>;
  /** The events of the box of checks of one person, the newest first. */
  events(person: string): Promise<CheckedEvent[]>;
  event(id: string): Promise<CheckedEvent>;
  /** Opens the link to a picture. */
  picture(id: string, kind: string): Promise<Response>;
  erase(id: string): Promise<void>;
}

interface CheckOptions {
  /** ms to wait for each expected result: the event in a list, in the feed, over the bus. */
  timeoutMs: number;
  /** Aborted to end the check before it is done. */
  ended: AbortSignal;
  steps: CheckSteps;
}

/** ms between two looks for an expected result. */
const pauseMs = 300;

/**
 * Does the work of a box, a console and a subscriber, with reports of the box of checks. It always erases its events,
 * also after a failure. Never throws: failures are in the steps.
 */
export async function runCheck(ports: CheckPorts, options: CheckOptions): Promise<void> {
  const run = new Run(ports, options);
  await unlessAborted(run.through(), options.ended).catch(noted);
  await options.steps.take("erase", () => run.erase()).catch(noted);
}

/** Drops the error of a failed step, which the steps have noted. */
function noted(): void {}

/** The result of `work`. Throws as soon as the signal is aborted, so that the caller can clean up. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

class Run {
  readonly #ports: CheckPorts;
  readonly #options: CheckOptions;
  readonly #person = personOfCheck();

  constructor(ports: CheckPorts, options: CheckOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Runs all steps of the check, from the connection to the bus. Throws if a step fails. */
  async through(): Promise<void> {
    const { steps } = this.#options;
    const { next } = await steps.take("connect", () => this.#ports.changes("end"));
    const report = await steps.take("deliver", () => this.#deliver());
    const event = await steps.take("read", () => this.#find());
    await steps.take("pictures", () => this.#compare(event, report));
    await steps.take("feed", () => this.#follow(next, event));
    await steps.take("bus", () => this.#hearOnBus(event));
  }

  /** Erases all events of the check. Throws if one is still listed. */
  async erase(): Promise<void> {
    for (const { id } of await this.#ports.events(this.#person)) await this.#ports.erase(id);
    const left = await this.#ports.events(this.#person);
    if (left.length > 0) throw new Error(`${left.map(({ id }) => id).join(", ")} is still listed after it was erased`);
  }

  async #deliver(): Promise<CheckReport> {
    const report = checkReport(this.#person, Date.now());
    const answer = await this.#ports.deliver(report.body);
    const text = await answer.text();
    if (text === '{"message":"SUCCESS","status":0}') return report;
    throw new Error(`the report was not taken but answered ${answer.status}: ${text.slice(0, 200)}`);
  }

  async #find(): Promise<CheckedEvent> {
    const { timeoutMs } = this.#options;
    const look = async () => (await this.#ports.events(this.#person)).at(-1) ?? null;
    const event = await eventually(look, { timeoutMs, pauseMs });
    if (event !== null) return event;
    throw new Error(`the report was acknowledged, and no event of it is listed after ${timeoutMs / 1000} s`);
  }

  async #compare({ id, pictures }: CheckedEvent, sent: CheckReport): Promise<void> {
    for (const [kind, bytes] of Object.entries(sent.pictures)) {
      if (pictures[kind] === undefined) throw new Error(`the event has no ${kind} picture, though one was sent`);
      const answer = await this.#ports.picture(id, kind);
      if (!answer.ok) throw new Error(`the link to the ${kind} picture is answered ${answer.status}`);
      const read = Buffer.from(await answer.arrayBuffer());
      if (!read.equals(bytes)) throw new Error(`the ${kind} picture is not the one that was sent`);
    }
  }

  async #follow(begin: string, { id }: CheckedEvent): Promise<void> {
    const { timeoutMs } = this.#options;
    let after = begin;
    const look = async () => {
      const { events, next } = await this.#ports.changes(after);
      after = next;
      return events.some((event) => event.id === id) || null;
    };
    if (await eventually(look, { timeoutMs, pauseMs })) return;
    throw new Error(`the event is listed, but is not in the feed of changes after ${timeoutMs / 1000} s`);
  }

  async #hearOnBus({ id }: CheckedEvent): Promise<void> {
    const { timeoutMs } = this.#options;
    let state = "unknown";
    const look = async () => {
      const { actions } = await this.#ports.event(id);
      state = actions[0]?.state ?? "none";
      return state === "done" ? true : null;
    };
    if (await eventually(look, { timeoutMs, pauseMs })) return;
    const why = state === "announced" ? "the bus accepted it, but no subscriber received it" : `its action is ${state}`;
    throw new Error(`the announcement did not come over the bus within ${timeoutMs / 1000} s: ${why}`);
  }
}
