import { readFileSync } from "node:fs";
import type { JsonObject } from "@gatepost/event-pattern";

export interface Case {
  readonly name: string;
  readonly pattern: unknown;
  readonly event: JsonObject;
  readonly matches: boolean;
}

export interface Refusal {
  readonly name: string;
  readonly pattern: unknown;
  /** The place of the fault in the pattern. */
  readonly path: string;
}

export const cases = (file: string): Case[] => read(file);
export const refusals = (file: string): Refusal[] => read(file);

function read<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(`fixtures/${file}`, import.meta.url), "utf8"));
}
