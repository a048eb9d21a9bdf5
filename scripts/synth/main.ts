import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import module from "node:module";
import { dirname, join, resolve } from "node:path";
import { settingsOf, stageName } from "../../stacks/settings.ts";
import { kindOf, personalStage } from "../../stacks/stage-kind.ts";
import { optionsOf, wrongCall } from "../called.ts";
import { basisOf, isFresh } from "./freshness.ts";
import { folderOf, repository } from "./graph.ts";
import { linkTypes } from "./link-types.ts";
import { alone } from "./lock.ts";
import { preparePlatform } from "./platform.ts";
import { SynthFailed, synthesise } from "./synthesise.ts";

const usage =
  "node scripts/synth/main.ts [--stage STAGE] [--root FOLDER] [--out FOLDER] [--shallow] [--types] [--platform]";

async function main(): Promise<void> {
  // Nothing is deployed. A test empties the variable to see that a plain deploy is refused.
  process.env["GATEPOST_DEPLOY"] ??= "synth";
  // A third of a run was spent on compiling SST and Pulumi, and on stack traces for each of their promises, which no
  // one reads: a failure is reported by its message.
  module.enableCompileCache(join(repository, "node_modules/.cache/synth"));
  Error.stackTraceLimit = 0;
  const values = optionsOf({
    stage: { type: "string", default: "test" },
    root: { type: "string", default: repository },
    out: { type: "string" },
    shallow: { type: "boolean", default: false },
    types: { type: "boolean", default: false },
    platform: { type: "boolean", default: false },
  });
  requireStage(values);
  requireOwnFolder(values);
  const lock = join(repository, ".sst/synth.lock");
  await alone(lock, async () => {
    await preparePlatform();
    if (!values.platform) await bringUpToDate(values);
  });
}

/** Ends a call with a stage that no deploy takes: a name in another form, or production that stages.json does not name. */
function requireStage({ stage, root }: { stage: string; root: string }): void {
  const named = join(root, "stages.json");
  const file = existsSync(named) ? readFileSync(named, "utf8") : null;
  const isFormed = stageName.test(stage);
  if (isFormed && kindOf(stage, personalStage(root)) === "development") return;
  if (isFormed && (/^prod(uction)?$/.test(stage) || Object.keys(settingsOf(stage, {}, file).origins).length > 0))
    return;
  wrongCall(`stages.json has no stage ${stage}: known are production, test, dev, pr-…, and the stages in it`);
}

/** Ends a call that would take the place of a folder with something else in it. */
function requireOwnFolder({ stage, out = folderOf(stage) }: { stage: string; out?: string | undefined }): void {
  if (!existsSync(out) || existsSync(join(out, "graph.json")) || readdirSync(out).length === 0) return;
  wrongCall(`${resolve(out)} contains other files than those of a synth: name a new folder with --out FOLDER`);
}

interface Asked {
  stage: string;
  root: string;
  out?: string | undefined;
  /** Whether handlers are built without what they import: for who looks at the resources alone. */
  shallow: boolean;
  types: boolean;
}

/** Synthesises a stage into a folder, unless the folder already contains it. */
async function bringUpToDate(values: Asked): Promise<void> {
  const out = resolve(values.out ?? folderOf(values.stage));
  if (!values.types && isFresh(out)) return say(`synth ${values.stage}: unchanged`);
  const work = `${out}.${process.pid}`;
  await mkdir(dirname(out), { recursive: true });
  try {
    const { stage, shallow } = values;
    const { graph, sources } = await synthesise({ root: resolve(values.root), stage, work, shallow });
    await writeFile(join(work, "graph.json"), JSON.stringify(graph, null, 1));
    // A synth without a basis is never up to date.
    if (!shallow) await writeFile(join(work, "basis.json"), JSON.stringify(basisOf(sources)));
    await rm(out, { recursive: true, force: true });
    await rename(work, out);
    if (values.types) await writeFile(join(repository, "sst-env.d.ts"), linkTypes(graph));
    const onAws = graph.resources.filter(({ type }) => type.startsWith("aws:")).length;
    say(
      `synth ${stage}: ${graph.builds.length} functions, ${onAws} resources on AWS, ${graph.resources.length} with SST's own`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof SynthFailed || error instanceof Error ? error.message : error}\n${usage}\n`);
  process.exitCode = 1;
}
