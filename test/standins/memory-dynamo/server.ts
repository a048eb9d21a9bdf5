import { bodyOf, type Listening, listen } from "../listen.ts";
import { answerTo, json } from "./answer.ts";
import { Tables } from "./tables.ts";

export interface MemoryDynamo extends Listening {
  tables: Tables;
}

/**
 * DynamoDB in this process, as far as Gatepost uses it. Its tables are the tables of the simulation, which are compared
 * with AWS's own DynamoDB Local command by command. They refuse unknown commands.
 */
export async function startMemoryDynamo(): Promise<MemoryDynamo> {
  const tables = new Tables();
  const server = await listen(async (incoming, outgoing) => {
    // A client that left before the end of its request has asked nothing.
    const read = await bodyOf(incoming).catch(() => null);
    if (read === null) return;
    const { authorization, "x-amz-target": target } = incoming.headers;
    const { status, body } = answerTo(tables, { authorization, target: `${target}`, body: read.toString() });
    outgoing.writeHead(status, json).end(body);
  });
  return { ...server, tables };
}
