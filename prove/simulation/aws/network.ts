import type { Random } from "@gatepost/simulator";
import type { Scheduler } from "../engine/scheduler.ts";
import { deadlineOf } from "../engine/virtual.ts";
import type { Process } from "./process.ts";
import type { Service, Troubles } from "./troubles.ts";

/** ms that a request, or its answer, is on the way while nothing is wrong. */
const usualMs = { least: 1, most: 15 };

/** ms after which the SDK gives one try up, and tries in all. */
const tryMs: Record<Service, number> = { dynamo: 420, s3: 600, bus: 540 };
const maxTries: Record<Service, number> = { dynamo: 3, s3: 2, bus: 2 };

/** ms by which a request may still be applied that was given up. */
const lateMs = 1500;

type Fate = "answered" | "refused" | "request-lost" | "answer-lost" | "late";

interface NetworkPorts {
  scheduler: Scheduler;
  random: Random;
  troubles: Troubles;
  trace(line: string): void;
}

/** The request of a process to a service. */
interface Asked<Answer> {
  service: Service;
  name: string;
  signal: AbortSignal | undefined;
  /** The immediate effect on the service. An error that it throws is the service's answer. */
  apply(): Answer;
}

/** The way between processes and services: it delays, loses, repeats as the SDK does, and lets processes die. */
export class Network {
  readonly #deps: NetworkPorts;

  constructor(deps: NetworkPorts) {
    this.#deps = deps;
  }

  call<Answer>(process: Process, asked: Asked<Answer>): Promise<Answer> {
    const ending = process.beforeCall();
    if (ending === "before") this.#deps.trace(`${process.name} ${asked.name}: ends before the call`);
    // A process that has ended hears nothing any more.
    if (process.isOver) return new Promise(() => {});
    return new Call(process, asked, ending === "after", this.#deps).made();
  }
}

/** One call, with all its tries. */
class Call<Answer> {
  readonly #process: Process;
  readonly #asked: Asked<Answer>;
  readonly #deps: NetworkPorts;
  readonly #outcome = Promise.withResolvers<Answer>();
  /** Whether its process ends as soon as the service has done what it asks. */
  readonly #endsProcess: boolean;
  #isOver = false;
  #cancelDeadline = () => {};

  constructor(process: Process, asked: Asked<Answer>, endsProcess: boolean, deps: NetworkPorts) {
    this.#process = process;
    this.#asked = asked;
    this.#endsProcess = endsProcess;
    this.#deps = deps;
  }

  made(): Promise<Answer> {
    const { scheduler } = this.#deps;
    const deadline = deadlineOf(this.#asked.signal);
    if (deadline !== Number.POSITIVE_INFINITY) {
      this.#cancelDeadline = scheduler.after(deadline - scheduler.now, () => this.#fail("out of time", lateFailure()));
    }
    this.#try(0);
    return this.#outcome.promise;
  }

  #try(tried: number): void {
    if (this.#isOver || this.#process.isOver) return;
    const { scheduler, random } = this.#deps;
    const { service } = this.#asked;
    const [there, back] = [this.#way(), this.#way()];
    const fate = this.#fate();
    if (fate === "answered") {
      scheduler.after(there, () => {
        const answer = this.#apply();
        scheduler.after(back, answer);
      });
    } else if (fate === "refused") {
      this.#again(tried, there + back + random() * 60, "ThrottlingException");
    } else {
      if (fate === "answer-lost") scheduler.after(there, () => void this.#apply());
      if (fate === "late") scheduler.after(there + random() * lateMs, () => void this.#apply());
      this.#again(tried, tryMs[service], "TimeoutError");
    }
  }

  #again(tried: number, ms: number, name: string): void {
    this.#deps.scheduler.after(ms, () => {
      if (tried + 1 < maxTries[this.#asked.service]) this.#try(tried + 1);
      else this.#fail(`fails: ${name}`, failureOf(name));
    });
  }

  /** Lets the service do it. Returns a function that gives the process the answer. */
  #apply(): () => void {
    const answer = attempted(this.#asked.apply);
    if (this.#endsProcess && !this.#process.isOver) {
      this.#trace("done, and the process ends");
      this.#process.end();
    }
    if ("failure" in answer) return () => this.#fail(`answers ${nameOf(answer.failure)}`, answer.failure);
    return () => this.#settle("ok", () => this.#outcome.resolve(answer.value));
  }

  #fail(how: string, failure: unknown): void {
    this.#settle(how, () => this.#outcome.reject(failure));
  }

  #settle(how: string, act: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelDeadline();
    this.#trace(how);
    if (!this.#process.isOver) act();
  }

  #trace(how: string): void {
    this.#deps.trace(`${this.#process.name} ${this.#asked.name}: ${how}`);
  }

  /** ms that a request or an answer is on its way. */
  #way(): number {
    const { random, troubles } = this.#deps;
    const ms = usualMs.least + random() * (usualMs.most - usualMs.least);
    const slow = troubles.strength(`${this.#asked.service}-slow`);
    return slow > 0 && random() < 0.5 ? ms + random() * 900 * slow : ms;
  }

  #fate(): Fate {
    const { random, troubles } = this.#deps;
    const happens = (fault: "refuses" | "loses-request" | "loses-answer" | "late") => {
      const chance = troubles.strength(`${this.#asked.service}-${fault}`);
      return chance > 0 && random() < chance;
    };
    if (happens("refuses")) return "refused";
    if (happens("loses-request")) return "request-lost";
    if (happens("loses-answer")) return "answer-lost";
    return happens("late") ? "late" : "answered";
  }
}

function attempted<Answer>(apply: () => Answer): { value: Answer } | { failure: unknown } {
  try {
    return { value: apply() };
  } catch (failure) {
    return { failure };
  }
}

function lateFailure(): Error {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}

function failureOf(name: string): Error {
  const failure = new Error(`the service did not answer: ${name}`);
  failure.name = name;
  return failure;
}

function nameOf(failure: unknown): string {
  return failure instanceof Error ? failure.name : String(failure);
}
