import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { engine, startDynamo } from "./dynamo.ts";
import { type Listening, listen } from "./listen.ts";
import { type MemoryDynamo, startMemoryDynamo } from "./memory-dynamo/server.ts";
import type { Tables } from "./memory-dynamo/tables.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The place to ask for the address of the DynamoDB Local of this run. */
    whereIsDynamo: string;
  }
}

/** One DynamoDB Local for all files of a run, which starts when the first file asks for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Listening> | undefined;
  const place = await listen((_, response) => {
    started ??= startDynamo();
    started.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  project.provide("whereIsDynamo", place.url);
  return async () => {
    await place.close();
    await (await started?.catch(() => null))?.close();
  };
}

let ofThisProcess: Promise<MemoryDynamo> | undefined;

/**
 * The address of the DynamoDB Local of this run, or of the DynamoDB of this process. It keeps the tables of each access
 * key apart.
 */
export async function sharedDynamo(): Promise<string> {
  if (engine === "memory") {
    ofThisProcess ??= startMemoryDynamo();
    return (await ofThisProcess).url;
  }
  const answer = await fetch(inject("whereIsDynamo"));
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

/** The tables at an address, if they belong to this process and nothing is in front of them; else null. */
export async function tablesAt(url: string | undefined): Promise<Tables | null> {
  const known = await ofThisProcess;
  return known !== undefined && known.url === url ? known.tables : null;
}

let asked = 0;

/** An access key that no other file of this run has: DynamoDB Local takes letters and digits. */
export function freshAccessKey(): string {
  asked += 1;
  return `key${process.pid}x${asked}x${Date.now()}`;
}
