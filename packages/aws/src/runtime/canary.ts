import { ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { type CheckPorts, CheckSteps, changesForCheck, checkedEvent, runCheck } from "@gatepost/core/check";
import { checkBox } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { unlogged, limits as usual, within } from "./clients.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { awsReads, type ReadWiring } from "./reads.ts";

const key = z.string().check(z.regex(/^gp[ir]_[\w-]+$/));

const variables = z.object({
  GATEPOST_PHOTO_URL: z.url(),
  /** An ingest key of the box of checks, and a read key that sees nothing but this box. */
  GATEPOST_CANARY_INGEST_KEY: key,
  GATEPOST_CANARY_READ_KEY: key,
  /** The ARNs of topics that need a confirmed subscription. */
  GATEPOST_ALARM_TOPICS: z._default(z.string(), ""),
});

/** ms for one request, for one expected result, and for the whole check. */
const [requestMs, resultMs, checkMs] = [10_000, 15_000, 75_000];

/** The ARNs of the subscriptions of a topic; AWS has another text for those that are not confirmed. */
type ListSubscriptions = (topic: string) => Promise<readonly string[]>;

interface CanaryWiring extends ReadWiring {
  listSubscriptions: ListSubscriptions;
}

/**
 * Makes the handler of the schedule that checks the whole deployment, as `gatepost check` does, and that its alarms
 * reach people. It throws if anything fails, so an alarm rings. Call it once in a process.
 *
 * @example
 * export const handler = awsCanary(awsRuntime());
 */
export function awsCanary(ingest: Ports, env: Environment = process.env, wiring: Partial<CanaryWiring> = {}) {
  const read = readEnvironment(variables, env);
  const { eraser } = awsReads(ingest, env, wiring);
  const listSubscriptions = wiring.listSubscriptions ?? subscriptionsBy(snsClient());
  const topics = read.GATEPOST_ALARM_TOPICS.split(",").filter((topic) => topic !== "");
  return async () => {
    const steps = new CheckSteps((error) => (error instanceof Error ? error.message : String(error)));
    const ports = portsOf(read, async (id) => void (await eraser.eraseEvent(id)));
    const ended = AbortSignal.timeout(checkMs);
    await runCheck(ports, { timeoutMs: resultMs, ended, steps });
    const failures = steps.failures.map(({ step, failed }) => `${step}: ${failed}`);
    const unheard = await unconfirmed(topics, listSubscriptions);
    const faults = [...failures, ...unheard.map((topic) => `no one has confirmed a subscription to ${topic}`)];
    if (faults.length === 0) return;
    ingest.log.error("canary failed", { faults });
    throw new Error(`the check failed: ${faults.join("; ")}`);
  };
}

async function unconfirmed(topics: readonly string[], list: ListSubscriptions): Promise<string[]> {
  const found = await Promise.all(topics.map(async (topic) => ({ topic, subscriptions: await list(topic) })));
  return found.flatMap(({ topic, subscriptions }) =>
    subscriptions.some((subscription) => subscription.startsWith("arn:")) ? [] : topic,
  );
}

/** Lists the first hundred subscriptions of a topic, which has few. */
export function subscriptionsBy(client: Pick<SNSClient, "send">): ListSubscriptions {
  return async (topic) => {
    const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    return Subscriptions.map(({ SubscriptionArn = "" }) => SubscriptionArn);
  };
}

function snsClient(): SNSClient {
  return unlogged(new SNSClient({ maxAttempts: 3, requestHandler: within(usual.read) }));
}

const eventsAnswer = z.object({ events: z.array(checkedEvent) });
const linkAnswer = z.object({ url: z.string() });

/**
 * The deployment as boxes and readers reach it. Its keys can deliver and see nothing but checks, so erasing is a right
 * of the function, and not of a key.
 */
function portsOf(read: z.output<typeof variables>, erase: CheckPorts["erase"]): CheckPorts {
  const { GATEPOST_PHOTO_URL: url } = read;
  const fetched = (address: string, request: RequestInit = {}) =>
    fetch(address, { ...request, redirect: "error", signal: AbortSignal.timeout(requestMs) });
  const ask = async <Schema extends z.ZodMiniType>(path: string, answer: Schema) => {
    const headers = { authorization: `Bearer ${read.GATEPOST_CANARY_READ_KEY}` };
    const response = await fetched(url + path, { headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path} is answered ${response.status}: ${text.slice(0, 200)}`);
    return z.parse(answer, JSON.parse(text));
  };
  return {
    deliver: (body) => {
      const headers = { "content-type": "application/json" };
      return fetched(`${url}/${read.GATEPOST_CANARY_INGEST_KEY}/HistoryEvent`, { method: "POST", body, headers });
    },
    changes: (after) => {
      const query = new URLSearchParams({ order: "received", with: "checks", after });
      return ask(`/v1/events?${query}`, changesForCheck);
    },
    events: async (person) => {
      const query = new URLSearchParams({ box: checkBox, person, limit: "50" });
      return (await ask(`/v1/events?${query}`, eventsAnswer)).events;
    },
    event: (id) => ask(`/v1/events/${id}`, checkedEvent),
    picture: async (id, kind) => fetched((await ask(`/v1/events/${id}/pictures/${kind}/link`, linkAnswer)).url),
    erase,
  };
}
