import { join } from "node:path";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { type Bytes, replaceFile } from "./bytes.ts";
import { BackupRefused } from "./refused.ts";

export const manifestName = "backup.json";

/** Most pictures that a backup names as missing. */
export const maxMissing = 100_000;

/** Most bytes of a manifest. */
const maxBytes = 16 * 1024 * 1024;

/** Most bytes of `rules.json`. */
export const maxRulesBytes = 4 * 1024 * 1024;

const digest = { bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) };

/** A month, or the scenes of a month, as in the names of packs. */
export const monthSchema = z.string().regex(/^\d{4}-\d{2}(?:-scenes)?$/);

export const sha256Schema = digest.sha256;

/**
 * What a backup contains. The pictures in its packs are not listed here: the database has the place and the SHA-256 of
 * each.
 */
const manifestSchema = z.object({
  format: z.literal("gatepost-backup"),
  version: z.literal(1),
  /** Everything that was acknowledged before this time is in the backup. */
  madeAt: z.iso.datetime(),
  /** Equal for all backups of one store, and of stores that were restored from them. It is not a secret. */
  store: z.string().regex(/^[0-9a-f]{16}$/),
  /**
   * `erasing`: it is complete, but may still contain bytes of pictures that were erased before, and pictures that were
   * set aside and are not in the packs yet.
   */
  state: z.enum(["whole", "erasing"]),
  schema: z.int().positive(),
  database: z.object({ name: z.string().regex(/^gatepost(?:-[0-9a-f]{16})?\.db$/), ...digest }),
  rules: z.object({ name: z.string().regex(/^rules(?:-[0-9a-f]{16})?\.json$/), ...digest }).nullable(),
  packs: z.array(z.object({ month: monthSchema, bytes: z.int().nonnegative() })).max(12_000),
  events: z.int().nonnegative(),
  pictures: z.int().nonnegative(),
  /** Pictures whose bytes could not be read, or were being erased. */
  missing: z.array(z.object({ month: monthSchema, sha256: digest.sha256 })).max(maxMissing),
  /**
   * In a folder: all pictures that are not listed as missing have their bytes. Without this member its packs may be
   * damaged, and the next backup reads all of them.
   */
  isChecked: z.literal(true).optional(),
});

export type Manifest = z.output<typeof manifestSchema>;

/** Throws BackupRefused if there is no manifest, or one of a newer version. */
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

/** Replaces the manifest: also after a crash, the old or the new one is there. */
export function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  return replaceFile(join(folder, manifestName), Buffer.from(JSON.stringify(manifest)));
}
