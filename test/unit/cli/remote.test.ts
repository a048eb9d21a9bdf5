import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { remote } from "../../../packages/cli/src/remote.ts";

const url = "http://gatepost.test";
let said = "";

beforeEach(() => {
  said = "";
  vi.useFakeTimers();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Asks a server that answers after so many ms. */
async function asked(afterMs: number): Promise<void> {
  vi.stubGlobal("fetch", () => new Promise((resolve) => setTimeout(resolve, afterMs, new Response("{}"))));
  const answer = remote({ url, token: "gpa_x" }).fetch("/v1/keys", { method: "GET", body: null });
  await vi.advanceTimersByTimeAsync(60_000);
  await answer;
}

it("names the silent server once while it waits", async () => {
  await asked(50_000);
  expect(said).toBe(`still waiting for ${url} to answer\n`);
});

it("prints nothing if the answer arrives soon", async () => {
  await asked(5_000);
  expect(said).toBe("");
});
