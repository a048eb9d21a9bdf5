import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { Plugin } from "esbuild";

const require = createRequire(import.meta.url);

/** A file that a source finds beside itself or in another package of ours, as `new URL("./a.ts", import.meta.url)`. */
const found = /new URL\("([\w./-]+)", import\.meta\.(?:url|resolve\("(@gatepost\/[\w./-]+)"\))\)/g;

/**
 * Lets bundled sources find files at their places in the package. Fails the build if a source looks for a file that is
 * not in it.
 *
 * @param places the path beside the bundle of each file or folder, by its path in the repository
 */
export function inPlace(places: ReadonlyMap<string, string>): Plugin {
  return {
    name: "in-place",
    setup(build) {
      build.onLoad({ filter: /packages[\\/][\w-]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replaceAll(found, (_, name: string, module?: string) => {
          const base = module === undefined ? path : require.resolve(module);
          const place = places.get(resolve(dirname(base), name));
          if (place === undefined) throw new Error(`${path} looks for ${name}, which is not in the package`);
          return `new URL(${JSON.stringify(place)}, import.meta.url)`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}
