import { readFileSync } from "node:fs";
import type { Answer } from "@gatepost/ingest";

const files: Record<string, { file: string; type: string }> = {
  "/": { file: "@gatepost/console/index.html", type: "text/html" },
  "/assets/console.css": { file: "@gatepost/console/assets/console.css", type: "text/css" },
  "/assets/console.js": { file: "@gatepost/console/assets/console.js", type: "text/javascript" },
};

/** A Content-Security-Policy: only what this server sends is run, shown or asked, and no other page may frame it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The file of the console under a path, or null where there is none. */
export function consolePage(path: string): Answer | null {
  const page = Object.hasOwn(files, path) ? files[path] : undefined;
  if (page === undefined) return null;
  return {
    status: 200,
    headers: {
      "content-type": `${page.type}; charset=utf-8`,
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    },
    body: readFileSync(new URL(import.meta.resolve(page.file)), "utf8"),
  };
}
