import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { apiDocument } from "../../packages/api/src/api.ts";
import { optionsOf } from "../called.ts";
import { namesOfApi, namesOfBus } from "./list.ts";

/*
 * Renews the lists of names that stay: npm run stable. A release does it, after a look at what its test says is gone.
 * With --commands also the list of commands, whose test runs them.
 */
const { commands } = optionsOf({ commands: { type: "boolean", default: false } });
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const bus = JSON.parse(readFileSync(at("docs/bus.schema.json"), "utf8"));
writeFileSync(
  at("test/unit/api/stable.txt"),
  `${[...namesOfApi(JSON.parse(JSON.stringify(apiDocument()))), ...namesOfBus(bus)].join("\n")}\n`,
);
if (commands) {
  const vitest = at("node_modules/vitest/vitest.mjs");
  const env = { ...process.env, GATEPOST_STABLE: "renew" };
  const run = [vitest, "run", "test/system/cli/stable.test.ts"];
  process.exitCode = spawnSync(process.execPath, run, { cwd: at(""), env, stdio: "inherit" }).status ?? 1;
}
