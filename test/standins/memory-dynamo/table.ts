import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { answer } from "../../../prove/simulation/aws/dynamo-client.ts";
import { meets, type Row } from "../../../prove/simulation/aws/expressions.ts";
import { itemSize } from "../../../prove/simulation/aws/item-size.ts";
import { type IndexShape, Table } from "../../../prove/simulation/aws/table.ts";
import { Troubles } from "../../../prove/simulation/aws/troubles.ts";
import { checkBindings } from "./bindings.ts";
import { TableStream } from "./stream.ts";
import { unitsOfPage, unitsOfRows, unitsOfWrite } from "./units.ts";

/** Bytes of rows that a page of a scan, and a batch, give at most. */
const [maxScanBytes, maxBatchBytes] = [1024 * 1024, 16 * 1024 * 1024];
/** Keys that a batch may ask for. */
const maxKeys = 100;

const untroubled = new Troubles([], () => 0);

/** What the SDK sends of a command: its input, as JSON. */
interface ScanInput {
  FilterExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Row;
  ExclusiveStartKey?: Row;
  ProjectionExpression?: string;
}

/** One table, with its stream if it has one, and the cost of its calls. */
export class MemoryTable {
  readonly name: string;
  stream: TableStream | null = null;
  expiresBy: string | null = null;
  readonly #table: Table;

  constructor(name: string, indexes: readonly IndexShape[]) {
    this.name = name;
    this.#table = new Table({ clock: () => 0, lag: () => 0, changed: (image) => this.stream?.note(image) }, indexes);
  }

  get arn(): string {
    return `arn:aws:dynamodb:eu-central-1:000000000000:table/${this.name}`;
  }

  describe(): object {
    return {
      TableName: this.name,
      TableArn: this.arn,
      TableStatus: "ACTIVE",
      GlobalSecondaryIndexes: this.#table.indexNames.map((IndexName) => ({ IndexName, IndexStatus: "ACTIVE" })),
      ...(this.stream !== null && {
        LatestStreamArn: this.stream.arn,
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
      }),
    };
  }

  openStream(): void {
    this.stream ??= new TableStream(this.name);
  }

  dropIndex(name: string): void {
    this.#table.dropIndex(name);
  }

  get(input: GetItemCommandInput): object {
    checkKey(input.Key?.["pk"]);
    const found = this.#answer(new GetItemCommand(input)) as { Item?: Row };
    // A row that is not there takes as much as a small one.
    const rows = [found.Item ?? { pk: { S: "none" } }];
    return { ...found, ...this.#cost(input, unitsOfRows(rows, input.ConsistentRead === true)) };
  }

  /** As many rows as fit into an answer. */
  getAll(input: BatchGetItemCommandInput): object {
    const [[name = "", asked] = []] = Object.entries(input.RequestItems ?? {});
    const { Keys = [], ConsistentRead = false } = asked ?? {};
    if (Keys.length === 0 || Keys.length > maxKeys || new Set(Keys.map(({ pk }) => pk?.S)).size < Keys.length) {
      throw new Error("a batch asks for too many rows, or for one twice");
    }
    const { Responses = {} } = this.#answer(new BatchGetItemCommand(input)) as { Responses?: Record<string, Row[]> };
    const rows = atMost(Responses[name] ?? [], maxBatchBytes);
    const cut = (Responses[name] ?? []).slice(rows.length).map(({ pk }) => pk?.S);
    const left = Keys.filter(({ pk }) => cut.includes(pk?.S));
    const { ConsumedCapacity } = this.#cost(input, unitsOfRows(rows, ConsistentRead));
    return {
      Responses: { [name]: rows },
      UnprocessedKeys: left.length === 0 ? {} : { [name]: { ...asked, Keys: left } },
      ...(ConsumedCapacity && { ConsumedCapacity: [ConsumedCapacity] }),
    };
  }

  query(input: QueryCommandInput): object {
    const page = this.#answer(new QueryCommand(input)) as { Items: Row[] };
    return { ...page, ...this.#cost(input, unitsOfPage(page.Items)) };
  }

  scan({ FilterExpression, ProjectionExpression, ExclusiveStartKey, ...bound }: ScanInput): object {
    const rows = [...this.#table.rows()].sort((a, b) => ((a["pk"]?.S ?? "") < (b["pk"]?.S ?? "") ? -1 : 1));
    const start = ExclusiveStartKey?.["pk"]?.S;
    const rest = start === undefined ? rows : rows.filter(({ pk }) => (pk?.S ?? "") > start);
    const page = atMost(rest, maxScanBytes);
    checkBindings({ FilterExpression, ...bound });
    const bindings = { names: bound.ExpressionAttributeNames, values: bound.ExpressionAttributeValues };
    const Items = page.filter((row) => meets(FilterExpression, row, bindings));
    const only = ProjectionExpression?.split(/, */);
    const last = page.length < rest.length ? page.at(-1)?.["pk"] : undefined;
    return {
      Items: only === undefined ? Items : Items.map((row) => picked(row, only)),
      Count: Items.length,
      ScannedCount: page.length,
      ...(last && { LastEvaluatedKey: { pk: last } }),
    };
  }

  put(input: PutItemCommandInput): object {
    return this.#write(input.Item?.["pk"], new PutItemCommand(input));
  }

  update(input: UpdateItemCommandInput): object {
    return this.#write(input.Key?.["pk"], new UpdateItemCommand(input));
  }

  remove(input: DeleteItemCommandInput): object {
    return this.#write(input.Key?.["pk"], new DeleteItemCommand(input));
  }

  #write(key: AttributeValue | undefined, command: { input: Asked }): object {
    const pk = checkKey(key);
    const before = this.#table.get(pk);
    const answered = this.#answer(command);
    return { ...answered, ...this.#cost(command.input, unitsOfWrite(this.#table, pk, before, this.#table.get(pk))) };
  }

  #cost({ ReturnConsumedCapacity: asked }: Asked, CapacityUnits: number) {
    if (asked === undefined || asked === "NONE") return {};
    return { ConsumedCapacity: { TableName: this.name, CapacityUnits } };
  }

  #answer(command: { input: object }): object {
    checkBindings(command.input);
    return answer(command, { table: this.#table, random: () => 0, troubles: untroubled });
  }
}

interface Asked {
  ReturnConsumedCapacity?: string | undefined;
}

function checkKey(key: AttributeValue | undefined): string {
  if (key?.S === undefined || key.S === "") throw new Error("the key of a row is a text that is not empty");
  return key.S;
}

/** The first rows that have no more bytes together, and always one. */
function atMost(rows: readonly Row[], bytes: number): Row[] {
  const taken: Row[] = [];
  let room = bytes;
  for (const row of rows) {
    room -= itemSize(row);
    if (room < 0 && taken.length > 0) return taken;
    taken.push(row);
  }
  return taken;
}

function picked(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}
