import { reservedSegments } from "./routes.ts";

/** What a URL parser reads as a part of a path that leads elsewhere, or as the border of two. */
const encodedBorder = /%(2e|2f|5c)/i;

/** Decodes a path. One that is not valid percent-encoding stays as it came. */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Where a request goes by its path, encoded or not. A path under a reserved word that a URL parser would read as another
 * path (`/docs/../v1/keys`, `//v1/keys`) goes to nobody: what was decided for one path must not be answered for another.
 */
export function destinationOf(path: string): "api" | "ingest" | "nobody" {
  const segments = decodePath(path).replaceAll("\\", "/").split("/");
  const first = segments.find((segment) => segment !== "");
  if (!reservedSegments.some((reserved) => reserved === first)) return "ingest";
  const isPlain = path.startsWith(`/${first}`) && !encodedBorder.test(path) && !path.includes("\\");
  return isPlain && !segments.includes("..") && !segments.includes(".") ? "api" : "nobody";
}
