import { hashToken, newToken } from "@gatepost/core/keys";
import type { Runtime } from "@gatepost/embedded";
import { dataFailure } from "./data-failure.ts";
import { type FirstKeys, firstKeysFile, firstKeysInWords, firstKeysOf, writeFirstKeys } from "./first-keys.ts";
import { completed } from "./hints.ts";

/** Hands the first keys over. Resolves with the lines that the start prints. */
export type HandOver = (keys: FirstKeys, data: string) => Promise<string[]>;

/** Prints the keys, for a terminal. */
export const printKeys: HandOver = async (keys, data) => [
  ...firstKeysInWords(keys),
  completed("These keys are not shown again; `gatepost keys create --scope ingest --box NAME` makes more.", { data }),
];

/** Writes the keys into a file, where stdout goes to a log or another program, which must not hold keys. */
export const writeKeys: HandOver = async (keys, data) => {
  await writeFirstKeys(data, keys).catch((error: unknown) => {
    throw dataFailure(error, data);
  });
  return [
    `The first keys are in ${firstKeysFile(data)}: the URLs of the first box, and the link to sign in.`,
    completed("`gatepost keys first` shows them, `gatepost keys first --forget` removes that file.", { data }),
  ];
};

const firstBox = "box-1";

/** Makes the first keys on the first start, and hands them over. Later it does nothing. */
export async function welcome(runtime: Runtime, base: string, handOver: HandOver): Promise<string[]> {
  const { keyAdmin, audit } = runtime.reads;
  if ((await keyAdmin.list()).length > 0) return [];
  const tokens = { box: firstBox, ingest: newToken("ingest"), admin: newToken("admin") };
  // Handed over before they are stored: an interrupted start then leaves no valid key that nobody has.
  const lines = await handOver(firstKeysOf(tokens, base), runtime.folder.path);
  const made = await Promise.all([
    keyAdmin.create({ scope: "ingest", box: firstBox, tokenHash: hashToken(tokens.ingest) }),
    keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(tokens.admin) }),
  ]);
  for (const { id, scope } of made) {
    const about = { key: id, scope };
    await audit.note({ action: "key-made", outcome: "done", by: "first-start", from: null, about });
  }
  return lines;
}
