import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { companySettings } from "@gatepost/core/company";
import { openRuntime } from "@gatepost/embedded";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { temporaryDataFolder, temporaryRuntime } from "./temporary.ts";

const company = { issuer: "http://127.0.0.1:1", clientId: "gatepost", clientSecret: "secret" };
const ofConsole = z.parse(companySettings, { name: "Of the console" });

it("oidc.json goes before the settings of the console, each time it is read", async () => {
  const { runtime, folder, close } = await temporaryRuntime({ company });
  onTestFinished(close);
  const settings = runtime.reads.company?.settings;
  expect(await settings?.write(ofConsole, "0")).toBe(true);
  const file = join(folder, "oidc.json");
  for (const name of ["One", "Two"]) {
    await writeFile(file, JSON.stringify({ name, groups: { it: { role: "administrator" } } }));
    expect(await settings?.read()).toMatchObject({ isFile: true, settings: { name, groups: { it: { sites: null } } } });
  }
  await expect(settings?.write(ofConsole, "1")).rejects.toMatchObject({ kind: "conflict" });
  await writeFile(file, '{"groups":{"it":{"role":"administrator"}');
  await expect(settings?.read()).rejects.toThrow("oidc.json has a fault");
  await rm(file);
  expect(await settings?.read()).toEqual({ settings: ofConsole, version: "1", isFile: false });
});

it("a fault of oidc.json is told at the start, and people with passwords sign in", async () => {
  const { path, remove } = await temporaryDataFolder();
  onTestFinished(remove);
  await writeFile(join(path, "oidc.json"), '{"ca":"office.pem"}');
  const told: unknown[] = [];
  const warn = (message: string, facts?: unknown) => void told.push([message, facts]);
  const runtime = await openRuntime({ data: path, company, log: { info() {}, error() {}, warn } });
  onTestFinished(() => runtime.close());
  const cause = expect.objectContaining({ message: expect.stringContaining("office.pem cannot be read: ENOENT") });
  expect(told).toContainEqual(["no one can sign in by the company", { cause }]);
  expect(runtime.reads.company).not.toBeNull();
});
