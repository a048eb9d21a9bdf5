import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod";
import { checkData } from "./check-data.ts";
import { checkSpool } from "./check-spool.ts";
import { operationSchema } from "./claims.ts";

/** The folder of a state to look at, and the kind of look. */
const lookSchema = z.object({
  kind: z.enum(["data", "spool"]),
  /** The folder that is opened, within the root. */
  within: z.string(),
  isFirstStart: z.boolean().default(false),
});
export type Look = z.input<typeof lookSchema>;

const arrivalSchema = z.object({ at: z.number(), id: z.string() });

const keptSchema = z.object({
  /** The scene of the finding. */
  scene: z.string(),
  seed: z.int(),
  cut: z.int(),
  fate: z.string(),
  findings: z.array(z.string()),
  /** The time of the power cut, by the writer's clock; ms since 1970. */
  at: z.number(),
  look: lookSchema,
  standings: z.array(z.object({ operation: operationSchema, progress: z.enum(["unsent", "begun", "answered"]) })),
  /** Null if no rule asks for actions. */
  arrivals: z.array(arrivalSchema).nullable(),
  /** Base64 by paths. */
  files: z.record(z.string(), z.base64()),
  folders: z.array(z.string()),
});

/** Writes a state that does not hold, with all that is needed to look at it again. */
export async function keepState(folder: string, state: z.input<typeof keptSchema>): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${state.scene}-${state.seed}-${state.cut}-${state.fate}.json.gz`);
  await writeFile(file, gzipSync(JSON.stringify(state)));
  return file;
}

/** Unpacks a kept state into a folder and looks at it again. Returns the broken promises. */
export async function checkKept(file: string, root: string): Promise<string[]> {
  const state = keptSchema.parse(JSON.parse(gunzipSync(await readFile(file)).toString()));
  for (const folder of state.folders) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  for (const [path, content] of Object.entries(state.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(root, path), content, { encoding: "base64", mode: 0o600 });
  }
  const { kind, within, isFirstStart } = state.look;
  const { standings, at } = state;
  const common = { standings, isReal: false, isSentAgain: true, arrivals: state.arrivals ?? [] };
  const folder = join(root, within);
  if (kind === "spool") return checkSpool({ ...common, spool: folder, config: "", later: [] });
  const aheadMs = Math.round(at - Date.now());
  const hasRules = state.arrivals !== null;
  return checkData({ ...common, data: folder, isFirstStart, hasRules, aheadMs });
}
