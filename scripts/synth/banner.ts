/** What CommonJS dependencies inside an ESM bundle miss; the CLI begins its bundles with the same. */
export const banner = [
  'import { createRequire as topLevelCreateRequire } from "node:module";',
  'import { fileURLToPath as topLevelFileUrlToPath } from "node:url";',
  "const require = topLevelCreateRequire(import.meta.url);",
  "const __filename = topLevelFileUrlToPath(import.meta.url);",
  'const __dirname = topLevelFileUrlToPath(new URL(".", import.meta.url));',
  "",
].join("\n");
