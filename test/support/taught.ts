import { readdirSync, readFileSync } from "node:fs";
import type { FaceEvent, Json, JsonObject } from "@gatepost/protocol";
import { expect } from "vitest";
import { jpeg, sha256 } from "./pictures.ts";

/** How a body of an unknown format is taught. */
interface Taught {
  headers: Record<string, string>;
  zone?: string;
  mapping: JsonObject;
  /** The events, their pictures by the seeds of `jpeg`. */
  expect: (JsonObject & { pictures?: Record<string, string> })[];
  /** Reports of the body that stay in quarantine. */
  quarantined?: number;
  answer?: Json;
  others?: { body: Json; sign: string }[];
}

const folder = new URL("../mappings/", import.meta.url);
const taughtOf = (name: string): Taught => JSON.parse(readFileSync(new URL(`${name}/taught.json`, folder), "utf8"));

/** The bodies of test/mappings. */
export const taughtBodies = readdirSync(folder).map((name) => ({
  name,
  taught: taughtOf(name),
  body: readFileSync(new URL(`${name}/body`, folder)),
}));

/** Expects the events of a taught body, with their pictures by their hashes. */
export function expectTaught(events: readonly FaceEvent[], { expect: expected }: Taught): void {
  const inOrder = events.toSorted((a, b) => a.timestamp - b.timestamp);
  expect(inOrder).toHaveLength(expected.length);
  for (const [at, { pictures, ...told }] of expected.entries()) {
    const shown = Object.entries(inOrder[at]?.pictures ?? {}).map(([kind, one]) => [kind, one?.sha256]);
    const sent = Object.entries(pictures ?? {}).map(([kind, seed]) => [kind, sha256(jpeg(seed))]);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(sent));
    expect(inOrder[at]).toMatchObject(told);
  }
}
