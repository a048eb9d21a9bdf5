import { createHash } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type BuildOptions, build, type Metafile, version } from "esbuild";
import { digestOf, filesOf } from "./freshness.ts";
import { repository } from "./graph.ts";

/** How one handler is bundled. */
export interface Bundling extends BuildOptions {
  absWorkingDir: string;
  /** Its file. */
  entryPoints: [string];
}

/** What a handler exports, and every source file in its bundle, relative to the repository. */
export interface Bundle {
  exports: string[];
  sources: string[];
}

const files = ["bundle.mjs", "bundle.mjs.map"];

/** Handlers that wait for being bundled together, by the folder that they come to. */
const waiting = new Map<string, { handlers: Set<string>; built: Promise<Metafile> }>();

/**
 * Bundles a handler of the repository into a folder, or copies an earlier bundle of the same sources there: all stages
 * have the same functions. Handlers that are asked for at the same time are bundled together, because they have most of
 * their sources in common and reading these is most of what a synth costs.
 *
 * @param bundles the folder of kept bundles
 */
export async function bundleOnce(
  out: string,
  { entryPoints: [handler], ...options }: Bundling,
  bundles = join(repository, ".sst/bundles"),
): Promise<Bundle> {
  const key = createHash("sha256")
    .update(JSON.stringify([version, options]))
    .digest("hex");
  const folder = join(bundles, key);
  const own = join(folder, relative(repository, handler).replace(/\.ts$/, ""));
  let bundle = await kept(own);
  if (bundle === null) {
    bundle = bundleOf(await together(handler, folder, options), own);
    await writeFile(join(own, "about.json"), JSON.stringify({ ...bundle, digest: digestOf(filesOf(bundle.sources)) }));
  }
  for (const file of files) await copyFile(join(own, file), join(out, file));
  return bundle;
}

/** Bundles a handler into a folder. */
export async function bundleInto(folder: string, options: Bundling): Promise<Bundle> {
  const outfile = join(folder, "bundle.mjs");
  const { metafile } = await build({ ...options, outfile, sourcemap: "linked", metafile: true });
  return bundleOf(metafile, folder, options.absWorkingDir);
}

/** The earlier bundle; null if one of its sources has changed or is gone, or it was not written completely. */
async function kept(folder: string): Promise<Bundle | null> {
  try {
    const about = await readFile(join(folder, "about.json"), "utf8");
    const { digest, ...bundle }: Bundle & { digest: string } = JSON.parse(about);
    return digest === digestOf(filesOf(bundle.sources)) ? bundle : null;
  } catch {
    return null;
  }
}

function together(handler: string, folder: string, options: Omit<Bundling, "entryPoints">): Promise<Metafile> {
  const asked = waiting.get(folder) ?? gathered(folder, options);
  asked.handlers.add(handler);
  return asked.built;
}

/** SST asks for all functions without waiting for any. */
function gathered(folder: string, options: Omit<Bundling, "entryPoints">) {
  const handlers = new Set<string>();
  const all = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    waiting.delete(folder);
    const { metafile } = await build({
      ...options,
      entryPoints: [...handlers],
      outdir: folder,
      outbase: repository,
      outExtension: { ".js": ".mjs" },
      entryNames: "[dir]/[name]/bundle",
      sourcemap: "linked",
      metafile: true,
    });
    return metafile;
  };
  const asked = { handlers, built: all() };
  waiting.set(folder, asked);
  return asked;
}

/** The bundle in a folder. */
function bundleOf({ outputs, inputs }: Metafile, folder: string, root = repository): Bundle {
  const { exports = [], entryPoint = "" } = outputs[relative(root, join(folder, "bundle.mjs"))] ?? {};
  const sources = new Set([entryPoint]);
  for (const source of sources) {
    for (const { path, external } of inputs[source]?.imports ?? []) if (external !== true) sources.add(path);
  }
  return { exports, sources: [...sources].map((source) => relative(repository, join(root, source))) };
}
