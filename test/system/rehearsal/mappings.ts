import type { Graph } from "../../../scripts/synth/graph.ts";
import { type Followed, followStream } from "../../standins/stream.ts";
import type { Authority } from "./authority.ts";
import type { EventBus } from "./event-bus.ts";
import type { Lambda } from "./lambda.ts";
import { streamAccesses, takingAccesses } from "./permissions.ts";
import { Queue } from "./queue.ts";
import { mappingsOf, nameIn, recorded } from "./recorded.ts";
import { StreamMapping } from "./stream-mapping.ts";

interface On {
  authority: Authority;
  bus: EventBus;
  /** The address of DynamoDB Local, and the access key under which it knows the table. */
  dynamo: { url: string; accessKey: string };
}

/** The event source mappings of a graph: they feed functions from the stream of the table, and from queues. */
export class RehearsedMappings {
  /** The functions, by their components, that fail as long as they are named here. */
  readonly broken = new Set<string>();
  readonly #graph: Graph;
  readonly #deps: On;
  readonly #queues = new Map<string, Queue>();
  readonly #mappings: StreamMapping[] = [];
  readonly #followed: Followed[] = [];

  constructor(graph: Graph, deps: On) {
    this.#graph = graph;
    this.#deps = deps;
  }

  /** Messages that are left in queues which feed functions. */
  get left(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Leads the stream and the queues to their functions. */
  async begin(lambdas: ReadonlyMap<string, Lambda>): Promise<void> {
    const invoke = this.#invoker(lambdas);
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
