import type { Identity, Report, TerminalForm, TerminalPassing, TerminalReply, TerminalRequest } from "./form.ts";
import { forms, type TerminalMake } from "./makes.ts";

interface Options extends Identity {
  make: TerminalMake;
  /** Sends a request to the server; null if no answer arrived. Never throws. */
  send(request: TerminalRequest): Promise<TerminalReply | null>;
  /** Hears that a passing is sent, sent again, or answered as the make needs in all its parts. */
  watch?(fate: "sent" | "repeated" | "accepted", passing: TerminalPassing): void;
}

/** Most reports of one list. */
const maxListed = 20;

/**
 * A terminal of another maker. It keeps each passing until it is answered as its make needs, and then sends the kept ones
 * again, the oldest first.
 */
export class Terminal {
  readonly #options: Options;
  readonly #form: TerminalForm;
  #waiting: Report[] = [];
  #isGreeted = false;
  /** People whose names were sent since the start. */
  readonly #enrolled = new Set<string>();
  /** Counts its starts: an answer to a request of before a restart is not noted. */
  #starts = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#form = forms[options.make];
  }

  /** How many passings are not answered yet. */
  get waiting(): number {
    return new Set(this.#waiting.map(({ passing }) => passing)).size;
  }

  passes(passing: TerminalPassing): void {
    const parts = this.#form.partsOf(passing);
    this.#waiting.push(...parts.map((part) => ({ passing, part, tries: 0, isKept: false })));
  }

  /** It loses its power and starts again, also in the middle of a list: no answer of before is noted. */
  restart(): void {
    this.#starts += 1;
    this.#isGreeted = false;
    this.#enrolled.clear();
    this.#keepAll();
  }

  /** Sends each report that is not answered yet, once. It stops at the first without the right answer. */
  async deliver(): Promise<void> {
    const start = this.#starts;
    if (!(await this.#greets()) || !(await this.#enrols())) return;
    for (const group of this.#groups()) {
      if (start !== this.#starts) return;
      const reply = await this.#send(group);
      if (start !== this.#starts) return;
      if (reply?.status !== 200 || !this.#form.isTaken(reply, group)) return this.#keepAll();
      this.#waiting = this.#waiting.filter((report) => !group.includes(report));
      for (const { passing } of group) {
        if (!this.#waiting.some((left) => left.passing === passing)) this.#options.watch?.("accepted", passing);
      }
    }
  }

  /** Sends a heartbeat, and returns its answer. `at` is the time of its clock, ms since 1970. */
  beat(at: number): Promise<TerminalReply | null> {
    return this.#options.send(this.#form.heartbeat(this.#options, at));
  }

  /** The time to which the answer to a heartbeat sets its clock, ms since 1970. `now` is the time of a time server. */
  timeIn(reply: TerminalReply, now: number): number | null {
    return this.#form.timeIn === undefined ? now : this.#form.timeIn(reply, this.#options);
  }

  async #greets(): Promise<boolean> {
    const { handshake } = this.#form;
    if (handshake === undefined || this.#isGreeted) return true;
    const reply = await this.#options.send(handshake.request(this.#options));
    this.#isGreeted = reply?.status === 200 && handshake.isTaken(reply);
    return this.#isGreeted;
  }

  /** Names the people of the waiting reports, if its make sends names apart. Returns whether all of them are taken. */
  async #enrols(): Promise<boolean> {
    const { enrolment } = this.#form;
    if (enrolment === undefined) return true;
    for (const { passing } of this.#waiting) {
      const { person, name } = passing;
      if (person === null || name === undefined || this.#enrolled.has(person)) continue;
      const start = this.#starts;
      const reply = await this.#options.send(enrolment(this.#options, { ...passing, person }));
      if (start !== this.#starts || reply?.status !== 200 || !reply.body.startsWith("OK")) return false;
      this.#enrolled.add(person);
    }
    return true;
  }

  #send(group: readonly [Report, ...Report[]]): Promise<TerminalReply | null> {
    const request = this.#form.request(this.#options, group);
    for (const report of group) {
      this.#options.watch?.(report.tries === 0 ? "sent" : "repeated", report.passing);
      report.tries += 1;
    }
    return this.#options.send(request);
  }

  #keepAll(): void {
    for (const report of this.#waiting) report.isKept = true;
  }

  /** The reports of each request, in their order. */
  #groups(): [Report, ...Report[]][] {
    const listed = this.#waiting.filter((report) => this.#form.isListed(report));
    const groups: [Report, ...Report[]][] = [];
    for (let at = 0; at < listed.length; at += maxListed) {
      const [first, ...others] = listed.slice(at, at + maxListed);
      if (first !== undefined) groups.push([first, ...others]);
    }
    const single = this.#waiting.filter((report) => !listed.includes(report));
    return [...groups, ...single.map((report): [Report] => [report])];
  }
}
