import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { apiDocument } from "../../packages/api/src/api.ts";
import { namesOf } from "../called.ts";
import { namesOfApi, namesOfBus } from "./list.ts";

/*
 * Renews the list of names that stay: npm run stable. A release does it, after a look at what its test says is gone.
 */
namesOf([]);
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const bus = JSON.parse(readFileSync(at("docs/bus.schema.json"), "utf8"));
writeFileSync(
  at("test/unit/api/stable.txt"),
  `${[...namesOfApi(JSON.parse(JSON.stringify(apiDocument()))), ...namesOfBus(bus)].join("\n")}\n`,
);
