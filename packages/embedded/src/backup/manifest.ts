import { join } from "node:path";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { type Bytes, replaceFile } from "./bytes.ts";
import { BackupRefused } from "./refused.ts";

export const manifestName = "backup.json";

/** Pictures that a backup names as missing, at most. */
export const maxMissing = 100_000;

/** Bytes that a manifest has at most. */
const maxBytes = 16 * 1024 * 1024;

/** Of `rules.json`. */
export const maxRulesBytes = 4 * 1024 * 1024;

const digest = { bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) };

/** A month, as packs are named after. */
export const monthSchema = z.string().regex(/^\d{4}-\d{2}$/);

export const sha256Schema = digest.sha256;

/**
 * What a backup holds. The pictures of its packs are not counted here: the database names each with its place and its
 * SHA-256.
 */
const manifestSchema = z.object({
  format: z.literal("gatepost-backup"),
  version: z.literal(1),
  /** What was acknowledged before is in it. */
  madeAt: z.iso.datetime(),
  /** The same for every backup of one store, and of what was restored from one. It opens nothing. */
  store: z.string().regex(/^[0-9a-f]{16}$/),
  /**
   * Erasing: it is whole, and may still have bytes of pictures that were erased before, and some of its own set aside,
   * not in the packs.
   */
  state: z.enum(["whole", "erasing"]),
  schema: z.int().positive(),
  database: z.object({ name: z.string().regex(/^gatepost(?:-[0-9a-f]{16})?\.db$/), ...digest }),
  rules: z.object({ name: z.string().regex(/^rules(?:-[0-9a-f]{16})?\.json$/), ...digest }).nullable(),
  packs: z.array(z.object({ month: monthSchema, bytes: z.int().nonnegative() })).max(12_000),
  events: z.int().nonnegative(),
  pictures: z.int().nonnegative(),
  /** Pictures whose bytes could not be read when it was made, or were being erased. */
  missing: z.array(z.object({ month: monthSchema, sha256: digest.sha256 })).max(maxMissing),
  /**
   * Of a folder: what is not missing has its bytes. Versions that do not say so could overwrite pictures in bringing a
   * backup up to date, so the next one reads all of them.
   */
  isChecked: z.literal(true).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

/** Throws BackupRefused where it is none, or one of a newer version. */
export async function readManifest(bytes: Bytes, place: string): Promise<Manifest> {
  if (bytes.size > maxBytes) throw new BackupRefused(`${manifestName} of ${place} is too large to be one of a backup`);
  const content = jsonIn((await bytes.read(0, maxBytes)).toString("utf8"));
  const { version } = z.object({ version: z.int() }).safeParse(content).data ?? { version: 1 };
  if (version > 1) throw new BackupRefused(`${place} was made by a newer Gatepost; upgrade this one`);
  const read = manifestSchema.safeParse(content);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new BackupRefused(
    `${manifestName} of ${place} is damaged (${issue?.path.join(".") || "no JSON"}); use another backup`,
  );
}

/** Puts a manifest in the place of the one before: one of both is there whatever happens. */
export function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  return replaceFile(join(folder, manifestName), Buffer.from(JSON.stringify(manifest)));
}
