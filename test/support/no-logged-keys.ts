import { afterAll, expect } from "vitest";
import { takeLoggedKeys } from "./logged-keys.ts";

/** Of every file of tests: nothing that it started, and nothing in its own process, has logged a key. */
afterAll(() => {
  expect(takeLoggedKeys(), "keys in logs, and what stood before them").toEqual([]);
});
