import * as z from "zod";
import type { Graph } from "../../../scripts/synth/graph.ts";
import { type Followed, followStream } from "../../standins/stream.ts";
import { startWebSocketApi, type WebSocketApi } from "../../standins/websocket-api.ts";
import type { Authority } from "./authority.ts";
import type { EventBus } from "./event-bus.ts";
import type { Lambda } from "./lambda.ts";
import { socketAccess, streamAccesses, takingAccesses } from "./permissions.ts";
import { Queue } from "./queue.ts";
import { mappingsOf, nameIn, recorded, routesOf } from "./recorded.ts";
import { StreamMapping } from "./stream-mapping.ts";

export interface LiveOptions {
  port?: number;
  /** ms that a connection may be open, and for which nothing may be said on it; else as long as API Gateway allows. */
  longest?: number;
  idle?: number;
}

interface On {
  authority: Authority;
  bus: EventBus;
  /** The address of DynamoDB Local, and the access key under which it knows the table. */
  dynamo: { url: string; accessKey: string };
}

const answer = z.object({ statusCode: z.number() });

/** The live feed of a graph: its WebSocket API, and what feeds its functions from the stream of the table. */
export class RehearsedLive {
  readonly api: WebSocketApi;
  /** The functions, by their components, that fail as long as they are named here. */
  readonly broken = new Set<string>();
  readonly #graph: Graph;
  readonly #deps: On;
  readonly #queues = new Map<string, Queue>();
  readonly #mappings: StreamMapping[] = [];
  readonly #followed: Followed[] = [];

  private constructor(graph: Graph, deps: On, api: WebSocketApi) {
    this.#graph = graph;
    this.#deps = deps;
    this.api = api;
  }

  static async open(graph: Graph, deps: On, options: LiveOptions = {}): Promise<RehearsedLive> {
    const { name, stage } = apiOf(graph);
    const allows: WebSocketApi["allows"] = (request) => deps.authority.allows(request, [socketAccess(name, request)]);
    return new RehearsedLive(graph, deps, await startWebSocketApi({ ...options, stage, allows }));
  }

  /** The address for readers. */
  address(token: string): string {
    return `${this.api.address}?token=${token}`;
  }

  /** Messages that are left in queues which feed functions. */
  get left(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Variables of a function, with the address of the API in the rehearsal. */
  placed(variables: Record<string, string>): Record<string, string> {
    const { host } = new URL(this.api.url);
    const there = `${apiOf(this.#graph).name}.execute-api.eu-west-1.amazonaws.com/`;
    const placedHere = (value: string) =>
      value.replace(`https://${there}`, `http://${host}/`).replace(`wss://${there}`, `ws://${host}/`);
    const entries = Object.entries(variables).map(([name, value]) => [name, placedHere(value)]);
    return Object.fromEntries(entries);
  }

  /** Leads connections, the stream and the queues to their functions. */
  async begin(lambdas: ReadonlyMap<string, Lambda>): Promise<void> {
    const invoke = this.#invoker(lambdas);
    const routes = routesOf(this.#graph, "WEBSOCKET");
    const leading = (key: string) => invoke(routes.find((route) => route.key === key)?.lambda ?? "");
    const connect = leading("$connect");
    this.api.routes = {
      connect: async (event) => answer.parse(await connect(event)),
      message: leading("$default"),
      disconnect: leading("$disconnect"),
    };
    const { streams, queues } = mappingsOf(this.#graph);
    const { url, accessKey } = this.#deps.dynamo;
    for (const mapping of queues) {
      const { eventSourceArn: arn, functionName, batchSize } = mapping;
      const isPartial = "functionResponseTypes" in mapping;
      if (!this.#deps.authority.lets(nameIn(functionName), takingAccesses(arn))) continue;
      this.#queues.set(arn, new Queue({ arn, batchSize, isPartial, invoke: invoke(nameIn(functionName)) }));
    }
    this.#deps.bus.feed = (queue, body) => this.#queues.get(queue)?.send(body);
    this.#deps.authority.sent = (queue, body) => this.#queues.get(queue)?.send(body);
    for (const mapped of streams) {
      const name = nameIn(mapped.functionName);
      if (!this.#deps.authority.lets(name, streamAccesses(mapped.eventSourceArn))) continue;
      const putAside = (body: string) => this.#putAside(name, mapped.destinationConfig.onFailure.destinationArn, body);
      const mapping = new StreamMapping(mapped, { invoke: invoke(name), putAside });
      this.#mappings.push(mapping);
      const [, table = ""] = /:table\/([^/]+)\//.exec(mapped.eventSourceArn) ?? [];
      const writes = () => this.#deps.authority.writes;
      const following = { from: mapped.startingPosition, batchSize: mapped.batchSize, region, accessKey, writes };
      const take = mapping.take.bind(mapping);
      this.#followed.push(await followStream({ url, table }, take, following));
    }
  }

  async close(): Promise<void> {
    for (const mapping of this.#mappings) mapping.end();
    for (const followed of this.#followed) await followed.stop();
    for (const queue of this.#queues.values()) await queue.close();
    await this.api.close();
  }

  #invoker(lambdas: ReadonlyMap<string, Lambda>) {
    const components = new Map(
      recorded(this.#graph, "lambda/function:Function").map(({ name, resource }) => [name, resource.parent ?? ""]),
    );
    return (name: string) => async (event: unknown) => {
      const lambda = lambdas.get(name);
      if (lambda === undefined) throw new Error(`there is no function ${name}`);
      if (this.broken.has(components.get(name) ?? "")) throw new Error(`${name} is broken`);
      return lambda.invoke(event);
    };
  }

  #putAside(name: string, queue: string, body: string): void {
    const maySend = this.#deps.authority.lets(name, [{ action: "sqs:SendMessage", resource: queue }]);
    if (maySend) this.#queues.get(queue)?.send(body);
  }
}

const region = "eu-west-1";

function apiOf(graph: Graph): { name: string; stage: string } {
  const api = recorded(graph, "apigatewayv2/api:Api").find(({ protocolType }) => protocolType === "WEBSOCKET");
  const stages = recorded(graph, "apigatewayv2/stage:Stage");
  const stage = stages.find(({ apiId }) => apiId === `${api?.resource.name}-id`);
  if (api === undefined || stage === undefined) throw new Error("there is no WebSocket API, or no stage of it");
  return { name: api.name, stage: stage.name };
}
