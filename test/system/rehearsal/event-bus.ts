import { randomUUID } from "node:crypto";
import { type Compiled, compile, type JsonObject, matches } from "@gatepost/event-pattern";
import * as z from "zod";
import type { Graph } from "../../../scripts/synth/graph.ts";
import type { Envelope } from "../../support/subscriber.ts";
import { nameIn, recorded } from "./recorded.ts";

interface Entry {
  EventBusName: string;
  Source: string;
  DetailType: string;
  Detail: string;
  Time?: number;
}

interface Rule {
  bus: string;
  pattern: Compiled;
  deliver(envelope: Envelope): void;
}

type Target = ReturnType<typeof recorded<"cloudwatch/eventTarget:EventTarget">>[number];

/** A bus that delivers by the recorded rules to the recorded queues and functions, if their policies allow it. */
export class EventBus {
  /** Invokes a function by its name, asynchronously. */
  invoke: (name: string, envelope: Envelope) => void = () => undefined;
  /** Hands what a rule sends to a queue to whom that feeds. */
  feed: (queue: string, body: string) => void = () => undefined;
  /** The messages of each queue, by its ARN. */
  readonly queues = new Map<string, Envelope[]>();
  /** What neither its queue nor its dead-letter queue would take. */
  readonly lost: Envelope[] = [];
  /** Whether it takes nothing. */
  isDown = false;
  /** ms that it takes for a call. */
  takesMs = 0;
  /** Whether it takes an entry of a call; the others of the call it may take all the same. */
  takes: () => boolean = () => true;
  readonly #rules: Rule[] = [];
  readonly #bus: string;

  constructor(graph: Graph) {
    for (const { name } of recorded(graph, "sqs/queue:Queue")) this.queues.set(arnOf("sqs", name), []);
    const policies = new Map(
      recorded(graph, "sqs/queuePolicy:QueuePolicy").map(({ queueUrl, policy }) => [
        arnOf("sqs", queueUrl.split("/").at(-1) ?? ""),
        policy,
      ]),
    );
    const targets = recorded(graph, "cloudwatch/eventTarget:EventTarget");
    const permissions = recorded(graph, "lambda/permission:Permission");
    for (const { resource, eventBusName, eventPattern } of recorded(graph, "cloudwatch/eventRule:EventRule")) {
      const rule = arnOf("events", `rule/${eventBusName}/${resource.name}`);
      const mayFeed = (queue: string) => this.queues.has(queue) && lets(policies.get(queue), queue, rule);
      const own = targets.filter((target) => target.rule === resource.name);
      const mayInvoke = (arn: string) =>
        permissions.some(
          (one) => one.function === arn && one.principal === "events.amazonaws.com" && one.sourceArn === rule,
        );
      const invoked = own.filter(({ arn }) => nameIn(arn) !== "");
      const fed = own.filter((target) => !invoked.includes(target));
      const deliver = (envelope: Envelope) => {
        for (const target of fed) this.#feed(envelope, target, mayFeed);
        for (const { arn } of invoked) {
          if (mayInvoke(arn)) this.invoke(nameIn(arn), envelope);
          else this.lost.push(envelope);
        }
      };
      this.#rules.push({ bus: eventBusName, pattern: compile(eventPattern), deliver });
    }
    this.#bus = this.#rules[0]?.bus ?? "";
  }

  /** Puts an entry into the queue of a target, or into its dead-letter queue. */
  #feed(
    envelope: Envelope,
    { arn, deadLetterConfig, inputTransformer }: Target,
    mayFeed: (queue: string) => boolean,
  ): void {
    const way = [arn, deadLetterConfig?.arn ?? ""].find(mayFeed) ?? "";
    (this.queues.get(way) ?? this.lost).push(envelope);
    if (way === arn) this.feed(arn, transformed(envelope, inputTransformer?.inputTemplate));
  }

  /** Adds a rule beside the recorded ones, as a subscriber would; gives what it matches from now on. */
  install(pattern: object): readonly Envelope[] {
    const delivered: Envelope[] = [];
    this.#rules.push({ bus: this.#bus, pattern: compile(pattern), deliver: (envelope) => delivered.push(envelope) });
    return delivered;
  }

  /** PutEvents. */
  put(entries: readonly Entry[]): { FailedEntryCount: number; Entries: PutResult[] } {
    const Entries = entries.map((entry) => (this.takes() ? { EventId: this.#deliver(entry) } : notTaken));
    return { FailedEntryCount: Entries.filter((result) => result === notTaken).length, Entries };
  }

  /** Delivers an entry by every rule that it matches; gives the id under which it does. */
  #deliver(entry: Entry): string {
    const envelope = enveloped(entry);
    const json: JsonObject = JSON.parse(JSON.stringify(envelope));
    const matching = this.#rules.filter(({ bus, pattern }) => bus === entry.EventBusName && matches(pattern, json));
    for (const rule of matching) rule.deliver(envelope);
    return envelope.id;
  }
}

/** What a target gets of an entry: all of it, or what its template makes of it. */
function transformed(envelope: Envelope, template = "<aws.events.event.json>"): string {
  return template.replace("<aws.events.event.json>", () => JSON.stringify(envelope));
}

type PutResult = { EventId: string } | typeof notTaken;

const notTaken = { ErrorCode: "InternalFailure", ErrorMessage: "this entry was not taken" };

/** As EventBridge delivers it. */
function enveloped({ Source, DetailType, Detail, Time }: Entry): Envelope {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": DetailType,
    source: Source,
    account: "123456789012",
    time: new Date((Time ?? Date.now() / 1000) * 1000).toISOString(),
    region: "eu-west-1",
    resources: [],
    detail: JSON.parse(Detail),
  };
}

const arnOf = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;

const queuePolicy = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal("Allow"),
      Principal: z.object({ Service: z.literal("events.amazonaws.com") }),
      Action: z.literal("sqs:SendMessage"),
      Resource: z.string(),
      Condition: z.object({ ArnEquals: z.object({ "aws:SourceArn": z.string() }) }),
    }),
  ),
});

/** Whether a queue's policy lets a rule send to it. */
function lets(policy: unknown, queue: string, rule: string): boolean {
  const { data } = queuePolicy.safeParse(policy);
  return (
    data?.Statement.some(
      ({ Resource, Condition }) => Resource === queue && Condition.ArnEquals["aws:SourceArn"] === rule,
    ) ?? false
  );
}
