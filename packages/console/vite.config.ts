import { defineConfig } from "vite";
import { listRollFiles } from "./roll-files.ts";

/**
 * The files of the pages that are loaded at once. What only later pages share is in folders within `state` and `parts`.
 */
const ofFirstPage =
  /node_modules\/@?preact|packages\/(client\b|console\/src\/((live|shell|format|events?|state(\/live)?|parts(\/wall)?)\/[^/]+$|words\/(index|say|of-page)\b)|alerts\/src\/reasons\/of-channel\b)/;

export default defineConfig({
  root: import.meta.dirname,
  // Its files are found below any path.
  base: "./",
  plugins: [listRollFiles()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    // The parts of the page that others wrote, for the package that is published with it.
    license: true,
    // Nothing may be in a data: URI: the policy of the page does not allow it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: "index.html", sw: "worker/sw.ts" },
      // A browser looks for a new version of its service worker at the old address.
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        // What the first page needs is one file: many small ones are packed worse.
        codeSplitting: { groups: [{ name: "first", test: ofFirstPage }] },
      },
    },
  },
});
