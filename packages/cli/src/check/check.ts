import { randomBytes } from "node:crypto";
import { checkBox, dayMs } from "@gatepost/protocol";
import * as z from "zod";
import { type Api, nothing } from "../client.ts";
import { Failure, sayWhy, unlessEnded } from "../failure.ts";
import { createKey } from "../keys.ts";
import { notReached } from "../remote.ts";
import { eventually } from "../running.ts";
import { CheckedFeed } from "./live-feed.ts";

/** What a check does, in this order. */
type StepName = "key" | "connect" | "deliver" | "read" | "pictures" | "live" | "bus" | "erase" | "revoke";

interface Step {
  step: StepName;
  ms: number;
  /** Why it failed; null if it did not. */
  failed: string | null;
}

/** Takes steps, and notes how long each took and whether it failed. */
class Steps {
  readonly taken: Step[] = [];

  /** Throws what the step throws. */
  async take<Result>(step: StepName, act: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const note = (failed: string | null) =>
      this.taken.push({ step, ms: Math.round(performance.now() - began), failed });
    try {
      const result = await act();
      note(null);
      return result;
    } catch (error) {
      note(sayWhy(error));
      throw error;
    }
  }

  get failures(): Step[] {
    return this.taken.filter(({ failed }) => failed !== null);
  }
}

/** A JPEG of one grey block. */
const jpeg = Buffer.from(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAj/wAALCAAIAAgBAREA/8QAFQAAAgAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AHI//9k=",
  "base64",
);

/** Bytes of the random comment that makes each picture unique, about the size of a small face. */
const commentBytes = 20_000;

/** A report of the box of checks, which asks for an action, and the pictures in it by their kinds. */
interface CheckReport {
  body: string;
  pictures: { face: Buffer; scene: Buffer; registered: Buffer };
}

/** The person of one check: an id that no other check has. */
function personOfCheck(): string {
  return `${checkBox}-${randomBytes(8).toString("hex")}`;
}

/** @param time ms since 1970, which makes it another event of the same check */
function checkReport(person: string, time: number): CheckReport {
  const pictures = { face: picture(), scene: picture(), registered: picture() };
  const report = {
    identity_id: person,
    identity_name: person,
    timestamp: time,
    score: 100,
    person_type: 1,
    want_action: "1002",
    ep_info: { ep_id: checkBox, device_id: checkBox, ep_type: "photo" },
    reg_pic: pictures.registered.toString("base64"),
    spot_pic: pictures.scene.toString("base64"),
    recognize_face: pictures.face.toString("base64"),
  };
  return { body: JSON.stringify(report), pictures };
}

function picture(): Buffer {
  const comment = Buffer.from([0xff, 0xfe, 0, 0]);
  comment.writeUInt16BE(commentBytes + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), comment, randomBytes(commentBytes), jpeg.subarray(2)]);
}

export interface CheckOptions {
  /** The address that boxes post to, without a slash at the end. */
  url: string;
  /** The address that clients of the live feed connect to. */
  live: string;
  /** An ingest key of the box of checks; without one, one is made and revoked. */
  ingestKey?: string | undefined;
  /** ms to wait for each thing that has to come: the event in a list, over the live feed, over the bus. */
  timeoutMs: number;
  /** Aborted to end the check before it is done. */
  ended: AbortSignal;
}

export interface Checked {
  ok: boolean;
  url: string;
  steps: Step[];
}

/** ms for one request, and between two looks for an expected result. */
const requestTimeoutMs = 30_000;
const pauseMs = 300;

/** ms after which another report is sent: a feed does not tell when its configuration takes effect. */
const repeatMs = 5000;

/** ms that a key of a check opens anything; it is revoked when the check ends. */
const keyLifetimeMs = 7 * dayMs;

const checkedEvent = z.object({
  id: z.string(),
  pictures: z.record(z.string(), z.unknown()),
  actions: z.array(z.object({ state: z.string() })),
});
const pictureLink = z.object({ url: z.string(), expires: z.string().nullable() });
type CheckedEvent = z.output<typeof checkedEvent>;

/**
 * Does what a box, a console and a subscriber do, with reports of the box of checks. It always removes what it has
 * made, also after a failure. Never throws: failures are in the steps.
 */
export async function check(api: Api, options: CheckOptions): Promise<Checked> {
  const steps = new Steps();
  const person = personOfCheck();
  const key = await made(api, options.ingestKey, steps);
  if (key !== null) {
    const run = new Run(api, { ...options, person, token: key.token, steps });
    await unlessEnded(run.through(), options.ended).catch(noted);
    await steps.take("erase", () => run.erase()).catch(noted);
    if (key.id !== null) {
      const path = { id: key.id };
      await steps.take("revoke", () => api.ask("DELETE /v1/keys/{id}", { path, answer: nothing })).catch(noted);
    }
  }
  return { ok: steps.failures.length === 0, url: options.url, steps: steps.taken };
}

/** Drops the error of a failed step, which the steps have noted. */
function noted(): void {}

async function made(api: Api, given: string | undefined, steps: Steps) {
  if (given !== undefined) return { id: null, token: given };
  // The key expires, for the case that the check is killed before it can revoke it.
  const expiresAt = new Date(Date.now() + keyLifetimeMs).toISOString();
  return steps.take("key", () => createKey(api, { scope: "ingest", box: checkBox, expiresAt })).catch(() => null);
}

interface Course extends CheckOptions {
  person: string;
  token: string;
  steps: Steps;
}

class Run {
  readonly #api: Api;
  readonly #course: Course;

  constructor(api: Api, course: Course) {
    this.#api = api;
    this.#course = course;
  }

  /** Runs all steps of the check, from the connection to the bus. Throws if a step fails. */
  async through(): Promise<void> {
    const { steps } = this.#course;
    const feed = await steps.take("connect", () => this.#connect());
    try {
      const report = await steps.take("deliver", () => this.#deliver());
      const event = await steps.take("read", () => this.#find());
      await steps.take("pictures", () => this.#compare(event, report));
      await steps.take("live", () => this.#hearOver(feed));
      await steps.take("bus", () => this.#hearOnBus(event));
    } finally {
      feed.close();
    }
  }

  /** Erases all events of the check. Throws if one is still listed. */
  async erase(): Promise<void> {
    const events = await this.#events();
    for (const { id } of events) {
      await this.#api.ask("DELETE /v1/events/{id}", { path: { id }, answer: nothing });
    }
    const left = await this.#events();
    if (left.length > 0)
      throw new Failure(`${left.map(({ id }) => id).join(", ")} is still listed after it was erased`);
  }

  async #connect(): Promise<CheckedFeed> {
    const answer = z.object({ ticket: z.string() });
    const { ticket } = await this.#api.ask("POST /v1/tickets", { answer });
    return CheckedFeed.open(this.#course.live, ticket, this.#course.person);
  }

  async #deliver(): Promise<CheckReport> {
    const { url, token, person } = this.#course;
    const report = checkReport(person, Date.now());
    const signal = AbortSignal.timeout(requestTimeoutMs);
    const request = { method: "POST", body: report.body, headers: { "content-type": "application/json" }, signal };
    const answer = await fetch(`${url}/${token}/HistoryEvent`, { ...request, redirect: "error" }).catch(
      (cause: unknown) => {
        throw new Failure(`the report could not be delivered: ${notReached(url, cause).why.message}`, { cause });
      },
    );
    const text = await answer.text();
    if (text === '{"message":"SUCCESS","status":0}') return report;
    throw new Failure(`the report was not taken but answered ${answer.status}: ${text.slice(0, 200)}`);
  }

  async #find(): Promise<CheckedEvent> {
    const { timeoutMs } = this.#course;
    const event = await eventually(async () => (await this.#events()).at(-1) ?? null, { timeoutMs, pauseMs });
    if (event !== null) return event;
    throw new Failure(`the report was acknowledged, and no event of it is listed after ${timeoutMs / 1000} s`);
  }

  /** The events of this check, newest first. */
  async #events(): Promise<CheckedEvent[]> {
    const query = { box: checkBox, person: this.#course.person, limit: 50 };
    const answer = z.object({ events: z.array(checkedEvent) });
    return (await this.#api.ask("GET /v1/events", { query, answer })).events;
  }

  async #compare({ id, pictures }: CheckedEvent, sent: CheckReport): Promise<void> {
    for (const [kind, bytes] of Object.entries(sent.pictures)) {
      if (pictures[kind] === undefined) throw new Failure(`the event has no ${kind} picture, though one was sent`);
      const asked = { path: { id, kind }, query: { link: "1" as const }, answer: pictureLink };
      const link = await this.#api.ask("GET /v1/events/{id}/pictures/{kind}", asked);
      const answer = await this.#open(link);
      if (!answer.ok) throw new Failure(`the link to the ${kind} picture is answered ${answer.status}`);
      const read = Buffer.from(await answer.arrayBuffer());
      if (!read.equals(bytes)) throw new Failure(`the ${kind} picture is not the one that was sent`);
    }
  }

  /** Opens a link. One that does not expire is an address of the API, which needs a key. */
  #open({ url, expires }: z.output<typeof pictureLink>): Promise<Response> {
    if (expires === null) return this.#api.get(url);
    const signal = AbortSignal.timeout(requestTimeoutMs);
    return fetch(URL.canParse(url) ? url : this.#course.url + url, { signal });
  }

  async #hearOver(feed: CheckedFeed): Promise<void> {
    const { timeoutMs, live } = this.#course;
    const deadline = performance.now() + timeoutMs;
    for (let reports = 1; ; reports++) {
      if (await feed.hears(Math.min(repeatMs, timeoutMs))) return;
      if (performance.now() >= deadline)
        throw new Failure(`no event of ${reports} reports was received over the live feed at ${live}`);
      await this.#deliver();
    }
  }

  async #hearOnBus({ id }: CheckedEvent): Promise<void> {
    const { timeoutMs } = this.#course;
    let state = "unknown";
    const look = async () => {
      const { actions } = await this.#api.ask("GET /v1/events/{id}", { path: { id }, answer: checkedEvent });
      state = actions[0]?.state ?? "none";
      return state === "done" ? true : null;
    };
    const heard = await eventually(look, { timeoutMs, pauseMs });
    if (heard) return;
    const why = state === "announced" ? "the bus accepted it, but no subscriber received it" : `its action is ${state}`;
    throw new Failure(`the announcement did not come over the bus within ${timeoutMs / 1000} s: ${why}`);
  }
}
