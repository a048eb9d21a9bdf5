import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { companySettings } from "@gatepost/core/company";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { temporaryRuntime } from "./temporary.ts";

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
