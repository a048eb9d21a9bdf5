import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import type { Clients } from "@gatepost/aws";
import type { Random } from "@gatepost/simulator";
import { answer } from "../../../../prove/simulation/aws/dynamo-client.ts";
import type { Row } from "../../../../prove/simulation/aws/expressions.ts";
import { answer as answerOfBucket, type Bucket } from "../../../../prove/simulation/aws/s3-client.ts";
import { type StreamImage, Table } from "../../../../prove/simulation/aws/table.ts";
import { Troubles } from "../../../../prove/simulation/aws/troubles.ts";
import type { Scheduler } from "../../../../prove/simulation/engine/scheduler.ts";
import { Partitions } from "./partitions.ts";

/** ms that a request, or its answer, is on the way. */
const wayMs = { least: 2, most: 8 };

interface Ports {
  scheduler: Scheduler;
  random: Random;
  changed(image: StreamImage): void;
}

/** The services of AWS in virtual time. They refuse nothing, and count the units of each partition key. */
export class Cloud {
  readonly clients: Clients;
  readonly partitions: Partitions;
  readonly #table: Table;
  readonly #ports: Ports;
  readonly #bucket: Bucket = new Map();
  readonly #untroubled = new Troubles([], () => 0);

  constructor(ports: Ports) {
    const clock = () => ports.scheduler.now;
    this.#ports = ports;
    this.#table = new Table({ clock, lag: () => 0, changed: ports.changed });
    this.partitions = new Partitions(clock);
    this.clients = {
      dynamo: this.#client(DynamoDBClient.prototype, (command) => this.#ofTable(command)),
      s3: this.#client(S3Client.prototype, (command) => answerOfBucket(command, { bucket: this.#bucket, clock })),
      events: this.#client(EventBridgeClient.prototype, () => ({ Entries: [{ EventId: "taken" }] })),
    };
  }

  /** How many rows there are whose keys have a beginning. */
  count(prefix: string): number {
    return [...this.#table.rows()].filter(({ pk }) => pk?.S?.startsWith(prefix)).length;
  }

  #client<Client extends object>(prototype: Client, apply: (command: object) => object): Client {
    const { scheduler, random } = this.#ports;
    const way = () => wayMs.least + random() * (wayMs.most - wayMs.least);
    const send = async (command: object): Promise<object> => {
      await scheduler.pause(way());
      const answered = new Promise<object>((resolve) => resolve(apply(command)));
      // A refusal takes as long as an answer.
      await Promise.allSettled([answered]);
      await scheduler.pause(way());
      return answered;
    };
    return Object.defineProperty(Object.create(prototype), "send", { value: send });
  }

  #ofTable(command: object): object {
    const read = () => answer(command, { table: this.#table, random: () => 0, troubles: this.#untroubled });
    if (command instanceof QueryCommand) return this.#queried(command, read() as { Items: Row[] });
    if (command instanceof GetItemCommand) this.#noteRead(command.input.Key?.["pk"]?.S, command.input);
    if (command instanceof BatchGetItemCommand) {
      for (const asked of Object.values(command.input.RequestItems ?? {}))
        for (const { pk } of asked.Keys ?? []) this.#noteRead(pk?.S, asked);
    }
    const pk = writtenKey(command);
    if (pk === undefined) return read();
    const before = this.#table.get(pk);
    try {
      return read();
    } finally {
      this.partitions.write(pk, { before, after: this.#table.get(pk), table: this.#table });
    }
  }

  #queried({ input }: QueryCommand, answered: { Items: Row[] }): object {
    const hash = input.ExpressionAttributeValues?.[":hash"]?.S ?? "";
    this.partitions.readPage(input.IndexName ?? "", hash, answered.Items);
    return answered;
  }

  #noteRead(pk = "", { ConsistentRead = false }: { ConsistentRead?: boolean | undefined }): void {
    this.partitions.readRow(pk, this.#table.get(pk), ConsistentRead);
  }
}

function writtenKey(command: object): string | undefined {
  if (command instanceof PutItemCommand) return command.input.Item?.["pk"]?.S;
  if (command instanceof UpdateItemCommand || command instanceof DeleteItemCommand) return command.input.Key?.["pk"]?.S;
  return undefined;
}
