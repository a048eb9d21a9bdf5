import { createHash } from "node:crypto";
import type { Alerter } from "@gatepost/alerts";
import { PassingAge } from "@gatepost/alerts/targets";
import type { Log } from "@gatepost/core/log";
import { type JsonObject, matches } from "@gatepost/event-pattern";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Notifications } from "../push/notifications.ts";
import type { DeployedRule } from "./alert-rules.ts";

/** ms for one try to send. */
const timeoutMs = 8000;

/** ms after which no further message of a batch is begun: the function may run for 20 s. */
const beginsUntilMs = 10_000;

const batch = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });

const entry = z.looseObject({ id: z.string(), "detail-type": z.string() });

/** A message of the queue of alerts names a rule. One of the queue of notifications is an entry of the bus. */
const message = z.union([
  z.object({ rule: z.string(), envelope: entry }),
  z.pipe(
    entry,
    z.transform((envelope) => ({ rule: null, envelope })),
  ),
]);

/** What identifies an entry: its announcement, its recorded event, or the new state of its box. */
const subject = z.object({
  "detail-type": z.string(),
  detail: z.union([
    z.object({ idempotency_key: z.string() }),
    z.object({ event: z.object({ id: z.string() }) }),
    z.object({ box: z.object({ id: z.string() }), device: z.nullable(z.string()), since: z.string() }),
  ]),
});

interface Deps {
  alerter: Pick<Alerter, "deliver" | "summarise">;
  rules: ReadonlyMap<string, DeployedRule>;
  notifications: Pick<Notifications, "tell">;
  log: Log;
  clock(): number;
}

/** The answer to SQS: these messages must come again. */
interface Failures {
  batchItemFailures: { itemIdentifier: string }[];
}

/** Tells people of the entries in the queues. When it is invoked without messages, sends the summaries that are due. */
export class AlertQueue {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async take(event: unknown): Promise<Failures> {
    const messages = z.safeParse(batch, event).data?.Records;
    if (messages === undefined) {
      await this.#summarise();
      return { batchItemFailures: [] };
    }
    const until = performance.now() + beginsUntilMs;
    const batchItemFailures: Failures["batchItemFailures"] = [];
    for (const { messageId, body } of messages) {
      const isTold = performance.now() < until && (await this.#tell(body, until));
      if (!isTold) batchItemFailures.push({ itemIdentifier: messageId });
    }
    return { batchItemFailures };
  }

  /** Returns false if the queue must deliver the message again. */
  async #tell(body: string, until: number): Promise<boolean> {
    const { notifications, log } = this.#deps;
    const read = messageIn(body);
    if (read === null) {
      log.error("invalid message in the alert queue, left for the dead-letter queue");
      return false;
    }
    const { rule, envelope } = read;
    if (rule !== null) return this.#alert(rule, envelope);
    const inLimits = () => (performance.now() < until ? inTime() : null);
    return notifications.tell({ entryId: entryIdOf(envelope), envelope }, inLimits);
  }

  async #alert(name: string, envelope: z.output<typeof entry>): Promise<boolean> {
    const { alerter, rules, log, clock } = this.#deps;
    const rule = rules.get(name);
    if (rule === undefined) {
      log.error("alert for a rule that cannot be used, trying again", { rule: name });
      return false;
    }
    const facts = { rule: name, entry: envelope.id };
    if (rule.hours !== undefined && !matches(rule.hours, envelope as JsonObject)) return true;
    const age = new PassingAge(JSON.stringify(envelope), clock());
    if (age.isTooOld(rule)) {
      log.info("entry too old for its rule, not delivered", { ...facts, ageMs: age.ms });
      return true;
    }
    try {
      const { failure, held } = await alerter.deliver({ entryId: entryIdOf(envelope), envelope }, rule, inTime());
      if (failure !== null) log.warn("alert not delivered, trying again", { ...facts, reason: failure });
      if (held !== undefined) log.info("no separate alert for an entry", { ...facts, reason: held });
      return failure === null;
    } catch (cause) {
      log.warn("alert not delivered, trying again", { ...facts, cause });
      return false;
    }
  }

  async #summarise(): Promise<void> {
    const { alerter, rules, log } = this.#deps;
    await Promise.all(
      [...rules.values()].map((rule) =>
        alerter.summarise(rule, inTime()).catch((cause: unknown) => {
          log.error("summary of alerts not sent, trying again", { rule: rule.name, cause });
        }),
      ),
    );
  }
}

/**
 * The same each time an entry is put on the bus again, for example by a sweep after a lost answer. EventBridge gives it
 * a new id each time.
 */
function entryIdOf(envelope: z.output<typeof entry>): string {
  const { data } = z.safeParse(subject, envelope);
  return data === undefined
    ? envelope.id
    : createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 32);
}

/** Null if another sender wrote it. Such a message must not hold up the others of its batch. */
function messageIn(body: string): z.output<typeof message> | null {
  return z.safeParse(message, jsonIn(body)).data ?? null;
}

function inTime() {
  return { timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
}
