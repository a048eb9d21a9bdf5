import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile, syncFolder } from "@gatepost/embedded";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { boxUrls, urlLines } from "../boxes/about.ts";
import { Failure, sayWhy } from "../failure.ts";

const firstKeys = z.object({
  ingest: z.object({ box: z.string(), token: z.string(), urls: z.record(z.string(), z.string()) }),
  admin: z.object({ token: z.string(), signIn: z.string() }),
});

/** The keys to begin with, in the URLs that a person needs. `signIn` is the first link, and `token` is for programs. */
export type FirstKeys = z.output<typeof firstKeys>;

/** The key of the first box, and the code of the first link. */
export interface First {
  box: string;
  ingest: string;
  code: string;
}

export function firstKeysOf({ box, ingest, code }: First, { base, admin }: { base: string; admin: string }): FirstKeys {
  return {
    ingest: { box, token: ingest, urls: boxUrls(base, ingest) },
    admin: { token: admin, signIn: linkOf(code, base) },
  };
}

/** The link that opens the console once. */
export function linkOf(code: string, base: string): string {
  return `${base}/#setup=${code}`;
}

/** The same keys under another address. */
export function underAddress({ ingest, admin }: FirstKeys, base: string): FirstKeys {
  const [, part = ""] = admin.signIn.split("/#");
  return {
    ingest: { ...ingest, urls: boxUrls(base, ingest.token) },
    admin: { ...admin, signIn: `${base}/#${part}` },
  };
}

/** @param all whether every URL of the box is shown, and not the base and the two of an SE3 alone */
export function firstKeysInWords(
  { ingest, admin }: Pick<FirstKeys, "ingest"> & { admin: Pick<FirstKeys["admin"], "signIn"> },
  all = false,
): string[] {
  const [base = ""] = (ingest.urls["RealTimeEvent"] ?? "").split(`/${ingest.token}/`);
  return [
    `Paste into the first box, ${ingest.box} (an SE3 asks for both routes, others take the base):`,
    ...urlLines(base, ingest.token, { all }),
    "Sign in to the console as administrator, once within 7 days:",
    `  ${admin.signIn}`,
  ];
}

export const firstKeysFile = (data: string) => join(data, "first-keys.json");

/** Leaves the keys in the data folder, for its owner alone. They are durable when it resolves. */
export async function writeFirstKeys(data: string, keys: FirstKeys): Promise<void> {
  replaceFile(firstKeysFile(data), `${JSON.stringify(keys, null, 2)}\n`);
}

/** Null if there is no such file. Throws Failure if the file is another one. */
export async function readFirstKeys(data: string): Promise<FirstKeys | null> {
  const text = await readText(firstKeysFile(data));
  if (text === null) return null;
  const read = firstKeys.safeParse(jsonIn(text));
  if (read.success) return read.data;
  throw new Failure(`${firstKeysFile(data)} is not what the first start wrote; make new keys with \`keys create\``);
}

/** False if there was no such file. */
export async function forgetFirstKeys(data: string): Promise<boolean> {
  try {
    await rm(firstKeysFile(data));
  } catch (error) {
    if (isMissing(error)) return false;
    throw new Failure(`cannot remove ${firstKeysFile(data)}: ${sayWhy(error)}`, { cause: error });
  }
  syncFolder(data);
  return true;
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw new Failure(`cannot read ${file}: ${sayWhy(error)}; run this as its owner`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
