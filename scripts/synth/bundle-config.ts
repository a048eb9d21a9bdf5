import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { banner } from "./banner.ts";
import { platform } from "./platform.ts";

/** What the CLI leaves out of the bundle of a configuration, because it brings it itself. */
const external = [
  "@pulumi/*",
  "undici",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "esbuild",
  "archiver",
  "glob",
  "vite",
];

interface ConfigBundle {
  /** The folder of sst.config.ts. */
  root: string;
  code: string;
  define: Record<string, string>;
  /** Put before each file of the project, as the CLI does with `aws` and `sst`; null if there are none yet. */
  globals: string | null;
  /** Modules whose exports are globals everywhere. */
  inject: string[];
}

/** Bundles a module around sst.config.ts the way the CLI does, loads it, and tells which files were in it. */
export async function loadAroundConfig(bundle: ConfigBundle): Promise<{ loaded: unknown; sources: string[] }> {
  const outfile = join(platform, `synth.${process.pid}.${Object.keys(bundle.define).length}.mjs`);
  try {
    const { metafile } = await build({
      absWorkingDir: bundle.root,
      stdin: { contents: bundle.code, resolveDir: bundle.root, sourcefile: "eval.ts", loader: "ts" },
      outfile,
      bundle: true,
      metafile: true,
      banner: { js: bundle.globals === null ? `${banner}function $config(input) { return input; }` : banner },
      mainFields: ["module", "main"],
      format: "esm",
      platform: "node",
      define: bundle.define,
      inject: bundle.inject,
      external,
      nodePaths: [join(platform, "node_modules")],
      logLevel: "silent",
      plugins: [projectFiles(bundle)],
    });
    return { loaded: await import(pathToFileURL(outfile).href), sources: Object.keys(metafile.inputs) };
  } finally {
    await rm(outfile, { force: true });
  }
}

/** Refuses what the CLI refuses before there are globals, then gives each file of the project its globals. */
function projectFiles({ root, globals }: ConfigBundle): Plugin {
  const config = join(root, "sst.config.ts");
  return {
    name: "project-files",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ importer, kind }) =>
        globals === null && importer === config && kind === "import-statement"
          ? { errors: [{ text: "sst.config.ts must not have imports at its top" }] }
          : undefined,
      );
      build.onLoad({ filter: /\.(?:js|ts)$/ }, ({ path }) =>
        globals === null || path.startsWith(platform)
          ? undefined
          : { contents: `${globals}\n${readFileSync(path, "utf8")}`, loader: path.endsWith("ts") ? "ts" : "js" },
      );
    },
  };
}
