import { createCipheriv } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { BuildOptions } from "esbuild";
import { banner } from "./banner.ts";
import { type Bundling, bundleInto, bundleOnce } from "./bundle-once.ts";
import { type Built, repository } from "./graph.ts";

/** What a component sends to have its handler bundled. */
export interface BuildRequest {
  functionID: string;
  handler: string;
  encryptionKey: string;
  links: Built["links"];
  properties?: { minify?: boolean; esbuild?: Pick<BuildOptions, "external"> } | null;
}

/** The folders of the handlers and of their code; shallow: without their imports. */
export interface Place {
  root: string;
  work: string;
  shallow: boolean;
}

/** What it gets back. */
export interface BuildAnswer {
  out: string;
  handler: string;
  errors: string[];
  sourcemaps: string[];
}

/** esbuild's settings for a Lambda bundle, as the CLI has them for a project of ESM. */
export const bundling = {
  platform: "node",
  format: "esm",
  bundle: true,
  keepNames: true,
  mainFields: ["module", "main"],
  target: "es2024",
  external: ["sharp", "pg-native"],
  banner: { js: banner },
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Bundles one handler below `work` as the CLI does, its links encrypted beside it. */
export async function buildFunction(
  { functionID, handler, encryptionKey, links, properties }: BuildRequest,
  { root, work, shallow }: Place,
): Promise<BuildAnswer & { built?: Built }> {
  const exported = extname(handler);
  const file = join(root, `${handler.slice(0, -exported.length)}.ts`);
  const out = join(work, "artifacts", `${functionID}-src`);
  const refused = (error: string) => ({ out, handler, errors: [error], sourcemaps: [] });
  if (!existsSync(file)) return refused(`Handler not found: ${handler}`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const options: Bundling = {
    ...bundling,
    absWorkingDir: root,
    entryPoints: [file],
    minify: properties?.minify ?? false,
    ...(shallow
      ? { bundle: false, external: [] }
      : { external: [...bundling.external, ...(properties?.esbuild?.external ?? [])] }),
  };
  const { exports, sources } = await (root === repository ? bundleOnce : bundleInto)(out, options);
  if (!exports.includes(exported.slice(1))) return refused(`${handler}: there is no such export`);
  await writeFile(join(out, "resource.enc"), encrypt(JSON.stringify(links), encryptionKey));
  const built = {
    component: functionID,
    handler,
    zip: `artifacts/${functionID}/code.zip`,
    bundleBytes: statSync(join(out, "bundle.mjs")).size,
    sources,
    links,
  };
  return { out, handler: `bundle${exported}`, errors: [], sourcemaps: [join(out, "bundle.mjs.map")], built };
}

/** As the SDK of SST decrypts it: AES-256-GCM, the tag at the end; the key is of this one file. */
function encrypt(text: string, key: string): Buffer {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}
