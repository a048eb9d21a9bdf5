import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { forward } from "./gate.ts";
import { bodyOf, type Listening, listen } from "./listen.ts";

const tag = z.object({ Key: z.string(), Value: z.string() });
const created = z.looseObject({ TableName: z.string(), Tags: z.array(tag).default([]) });
const tagged = z.object({ ResourceArn: z.string(), Tags: z.array(tag) });
const untagged = z.object({ ResourceArn: z.string(), TagKeys: z.array(z.string()) });
const asked = z.object({ ResourceArn: z.string(), NextToken: z.string().optional() });

type Tags = Map<string, Map<string, string>>;

/** Whether a call is about tags, by its target: others may go to DynamoDB Local itself. */
export function isOfTags(target: string): boolean {
  return Object.hasOwn(operations, operationOf(target));
}

/** DynamoDB with tags of tables, which DynamoDB Local refuses. Of the tags it gives one a page. */
export async function withTableTags(upstream: string): Promise<Listening> {
  const tags: Tags = new Map();
  return listen((incoming, outgoing) => {
    void answer({ upstream, tags }, incoming, outgoing).catch(() => outgoing.destroy());
  });
}

async function answer(
  { upstream, tags }: { upstream: string; tags: Tags },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const body = await bodyOf(incoming);
  const operation = operationOf(String(incoming.headers["x-amz-target"]));
  const answered = operations[operation]?.(JSON.parse(body.toString()), tags);
  if (answered === undefined) return forward(upstream, incoming, outgoing, body);
  if (answered === null) {
    const { Tags: _, ...others } = created.parse(JSON.parse(body.toString()));
    const bare = Buffer.from(JSON.stringify(others));
    incoming.headers["content-length"] = String(bare.length);
    return forward(upstream, incoming, outgoing, bare);
  }
  outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answered));
}

/** Its own answers; null if the request is passed on without its tags. */
const operations: Record<string, (input: unknown, tags: Tags) => object | null> = {
  CreateTable(input, tags) {
    const { TableName, Tags } = created.parse(input);
    tags.set(TableName, new Map(Tags.map(({ Key, Value }) => [Key, Value])));
    return null;
  },
  TagResource(input, tags) {
    const { ResourceArn, Tags } = tagged.parse(input);
    const known = tags.get(tableIn(ResourceArn)) ?? new Map();
    tags.set(tableIn(ResourceArn), new Map([...known, ...Tags.map(({ Key, Value }) => [Key, Value] as const)]));
    return {};
  },
  UntagResource(input, tags) {
    const { ResourceArn, TagKeys } = untagged.parse(input);
    for (const key of TagKeys) tags.get(tableIn(ResourceArn))?.delete(key);
    return {};
  },
  ListTagsOfResource(input, tags) {
    const { ResourceArn, NextToken = "0" } = asked.parse(input);
    const all = [...(tags.get(tableIn(ResourceArn)) ?? [])].map(([Key, Value]) => ({ Key, Value }));
    const page = Number(NextToken);
    return { Tags: all.slice(page, page + 1), ...(page + 1 < all.length && { NextToken: `${page + 1}` }) };
  },
};

/** The operation of a target such as "DynamoDB_20120810.TagResource". */
function operationOf(target: string): string {
  return target.split(".").at(-1) ?? "";
}

function tableIn(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}
