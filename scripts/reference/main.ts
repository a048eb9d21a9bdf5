import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { stagesFile } from "../../stacks/settings.ts";
import { namesOf } from "../called.ts";
import { stamped } from "../translations/stamps.ts";
import { chinese, english, referencePage } from "./page.ts";

/* Writes docs/reference.md, its Chinese page and stages.schema.json from the code: npm run reference */
namesOf([]);
const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

const schema = z.toJSONSchema(stagesFile, { unrepresentable: "any" });
writeFileSync(
  fileURLToPath(new URL("../../stages.schema.json", import.meta.url)),
  `${JSON.stringify(schema, null, 2)}\n`,
);

const page = await referencePage(english);
writeFileSync(`${docs}reference.md`, page);
writeFileSync(`${docs}reference.zh-CN.md`, stamped(await referencePage(chinese), page));
process.stdout.write(`docs/reference.md: ${readFileSync(`${docs}reference.md`, "utf8").split("\n").length} lines\n`);
