import { spawn } from "node:child_process";
import { once } from "node:events";
import { newToken } from "@gatepost/core/keys";
import { afterEach, describe, expect, it } from "vitest";
import { takeLoggedKeys } from "../../support/logged-keys.ts";
import { writtenBy } from "../../support/written.ts";

// What these log on purpose is no failure of this file.
afterEach(() => void takeLoggedKeys());

const key = newToken("admin");

/** Runs a program that writes this to one of its streams, in so many pieces. */
async function printing(stream: "stdout" | "stderr", ...pieces: string[]): Promise<string[]> {
  const code = `for (const piece of process.argv.slice(1)) require("fs").writeSync(process.${stream}.fd, piece)`;
  const child = spawn(process.execPath, ["-e", code, ...pieces], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
  return takeLoggedKeys();
}

describe("a key is found that", () => {
  it.each([
    ["a program writes to stderr", key],
    ["has its underline percent-encoded", key.replace("_", "%5F")],
    ["a header has in base64", Buffer.from(`${key}:`).toString("base64")],
    ["is a cookie for pictures", newToken("read").replace("gpr", "gpc")],
    ["is the token of a session", newToken("read").replace("gpr", "gps")],
    ["is an invitation", newToken("read").replace("gpr", "gpv")],
  ])("%s", async (_, text) => {
    expect(await printing("stderr", `GET /${text}/HistoryEvent\n`)).toEqual([expect.stringMatching(/^GET \//)]);
  });

  it("arrives in pieces, once", async () => {
    expect(
      await printing("stderr", `GET /${key.slice(0, 9)}`, `${key.slice(9)} HTTP/1.1\n`, "and more\n"),
    ).toHaveLength(1);
  });

  it("a function logs to stdout, and not one that a command prints there", async () => {
    const line = (facts: object) => `${JSON.stringify(facts)}\n`;
    expect(await printing("stdout", line({ level: "INFO", message: key }))).toHaveLength(1);
    expect(await printing("stdout", line({ id: "key_1", token: key }), `${key}\n`)).toEqual([]);
  });

  it("this process writes, also if a test keeps it", () => {
    writtenBy(() => process.stderr.write(`${key}\n`));
    expect(takeLoggedKeys()).toHaveLength(1);
  });
});

it("ignores masked keys and texts that only look like keys", async () => {
  expect(await printing("stderr", "/***/HistoryEvent gpa_… gpi_nothing key_4a677ad88e77915297\n")).toEqual([]);
});
