import fs, { readlinkSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { startBridge, systemClock } from "@gatepost/bridge";
import { openRuntime } from "@gatepost/embedded";
import { makeFolder } from "@gatepost/sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";

/** The synced paths, in order. Linux alone reveals the file of a descriptor. */
const synced: string[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  synced.length = 0;
  vi.spyOn(fs, "fsyncSync").mockImplementation((descriptor) => {
    synced.push(readlinkSync(`/proc/self/fd/${descriptor}`));
  });
  syncBuiltinESMExports();
});

afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await folder.remove();
});

describe.runIf(process.platform === "linux")("a new folder", () => {
  it("has a durable name, like each new folder above it", async () => {
    const path = join(folder.path, "new", "newer");
    makeFolder(path);
    expect(synced).toEqual([folder.path, join(folder.path, "new")]);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  it("is made by several processes at the same time", () => {
    const path = join(folder.path, "new");
    const { mkdirSync } = fs;
    const makeTwice: typeof mkdirSync = (...args) => {
      mkdirSync(...args);
      return mkdirSync(...args);
    };
    vi.spyOn(fs, "mkdirSync").mockImplementation(makeTwice);
    syncBuiltinESMExports();
    makeFolder(path);
    expect(synced).toEqual([folder.path]);
  });

  it("is not made if a file has its path", async () => {
    const path = join(folder.path, "file");
    await writeFile(path, "");
    expect(() => makeFolder(path)).toThrow(expect.objectContaining({ code: "EEXIST" }));
  });

  it("is left alone if it exists", () => {
    makeFolder(folder.path);
    expect(synced).toEqual([]);
  });

  it("is durable as a data folder before anything is acknowledged", async () => {
    await (await openRuntime({ data: join(folder.path, "new", "data") })).close();
    expect(synced).toEqual(expect.arrayContaining([folder.path, join(folder.path, "new")]));
  });

  it("is durable as a spool before anything is acknowledged", async () => {
    const bridge = await startBridge({
      config: {
        cloud: { url: "http://127.0.0.1:9", max_body: 1000 },
        spool: { folder: join(folder.path, "new", "spool"), max_bytes: 1e9, max_age: 1e9 },
        metrics: { host: "127.0.0.1", port: 0 },
        boxes: [],
      },
      clock: systemClock,
      random: Math.random,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    await bridge.stop();
    expect(synced).toEqual(expect.arrayContaining([folder.path, join(folder.path, "new")]));
  });
});
