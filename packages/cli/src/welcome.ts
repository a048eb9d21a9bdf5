import type { Runtime } from "@gatepost/embedded";
import { hashToken, newToken } from "@gatepost/ingest";
import { dataFailure } from "./data-failure.ts";
import { type FirstKeys, firstKeysFile, firstKeysInWords, firstKeysOf, writeFirstKeys } from "./first-keys.ts";

/** Gives the first keys to a person. Resolves with the lines that a start prints. */
export type HandOver = (keys: FirstKeys, data: string) => Promise<string[]>;

/** For a terminal. */
export const printKeys: HandOver = async (keys) => [
  ...firstKeysInWords(keys),
  "These keys are not shown again; `gatepost keys create` makes more.",
];

/** Where stdout goes to a log or another program, which is to hold no key. */
export const writeKeys: HandOver = async (keys, data) => {
  await writeFirstKeys(data, keys).catch((error: unknown) => {
    throw dataFailure(error, data);
  });
  return [
    `The first keys are in ${firstKeysFile(data)}: the URLs of the first box, and the link to sign in.`,
    "`gatepost keys first` shows them, `gatepost keys first --forget` removes that file.",
  ];
};

const firstBox = "box-1";

/** On the first start makes the keys to begin with and hands them over; later does nothing. */
export async function welcome(runtime: Runtime, base: string, handOver: HandOver): Promise<string[]> {
  const { keyAdmin, audit } = runtime.reads;
  if ((await keyAdmin.list()).length > 0) return [];
  const tokens = { box: firstBox, ingest: newToken("ingest"), admin: newToken("admin") };
  // Handed over before they open anything: a start that ends in between leaves no key that nobody knows.
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
