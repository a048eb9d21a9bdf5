import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { pageHeaders } from "@gatepost/console/headers";
import type { Sendable } from "@gatepost/http";

/** The types of files that are served, by their endings. Other files of the folder are not served. */
const types: Record<string, { type: string; isText: boolean }> = {
  html: { type: "text/html; charset=utf-8", isText: true },
  css: { type: "text/css; charset=utf-8", isText: true },
  js: { type: "text/javascript; charset=utf-8", isText: true },
  webmanifest: { type: "application/manifest+json", isText: true },
  svg: { type: "image/svg+xml", isText: true },
  png: { type: "image/png", isText: false },
};

/** The page is small: a folder with more files is another one. */
const maxFiles = 500;
const maxBytes = 16 * 1024 * 1024;

interface PageFile {
  headers: Record<string, string>;
  body: Uint8Array;
  /** The same file, compressed; null if it would not be smaller then. */
  gzip: Uint8Array | null;
}

/** The files of the console by their paths; none if it was not built. */
export class ConsolePage {
  readonly #files: Map<string, PageFile>;

  /** @param framedBy origins of pages that may frame the screen, which is then at /screen */
  constructor(folder = builtFolder(), framedBy: readonly string[] = []) {
    this.#files = readFolder(folder);
    const page = this.#files.get("/");
    if (page === undefined || framedBy.length === 0) return;
    this.#files.set("/screen", { ...page, headers: { ...page.headers, ...pageHeaders(null, framedBy) } });
  }

  get isBuilt(): boolean {
    return this.#files.has("/");
  }

  /** The file at a path; null if there is none. */
  find(path: string, acceptEncoding = ""): Sendable | null {
    const file = this.#files.get(path);
    if (file === undefined) return null;
    const { headers, body, gzip } = file;
    if (gzip === null || !/\bgzip\b/.test(acceptEncoding)) return { status: 200, headers, body };
    return { status: 200, headers: { ...headers, "content-encoding": "gzip" }, body: gzip };
  }
}

function builtFolder(): string {
  return fileURLToPath(new URL("dist/", import.meta.resolve("@gatepost/console/package.json")));
}

function readFolder(folder: string): Map<string, PageFile> {
  const assets = filesIn(join(folder, "assets")).map((name) => [`/assets/${name}`, join(folder, "assets", name)]);
  const files = [...filesIn(folder).map((name) => [`/${name}`, join(folder, name)]), ...assets];
  if (files.length > maxFiles) throw new Error(`${folder} has over ${maxFiles} files, so it is not the console`);
  const read = new Map<string, PageFile>();
  let bytes = 0;
  for (const [path = "", place = ""] of files) {
    const file = fileOf(path, readFileSync(place));
    bytes += file?.body.length ?? 0;
    if (file !== null) read.set(path === "/index.html" ? "/" : path, file);
  }
  if (bytes > maxBytes) throw new Error(`${folder} has over ${maxBytes} bytes, so it is not the console`);
  return read;
}

/** Names of the files of a folder; none if the folder does not exist. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry: Dirent) => entry.isFile())
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function fileOf(path: string, body: Buffer): PageFile | null {
  const known = types[path.slice(path.lastIndexOf(".") + 1)];
  if (known === undefined) return null;
  const gzip = known.isText ? gzipSync(body) : body;
  return {
    body,
    gzip: gzip.length < body.length ? gzip : null,
    headers: {
      "content-type": known.type,
      "cache-control": cachingOf(path),
      ...pageHeaders(),
      vary: "accept-encoding",
    },
  };
}

/** The content of a file whose name has its hash never changes. An old service worker would stay for a day. */
function cachingOf(path: string): string {
  if (path === "/sw.js") return "no-store";
  return /-[\w-]{8}\.(?:js|css)$/.test(path) ? "public, max-age=31536000, immutable" : "no-cache";
}
