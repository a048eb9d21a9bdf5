import { afterAll, expect } from "vitest";
import { takeLoggedKeys } from "./logged-keys.ts";

/** Checks after every file of tests: no process that it started, nor its own process, has logged a key. */
afterAll(() => {
  expect(takeLoggedKeys(), "keys in logs, and the text before them").toEqual([]);
});
