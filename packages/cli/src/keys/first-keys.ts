import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { onFolder, publicUrl } from "../options.ts";
import { print } from "../output.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";
import { firstKeysFile, firstKeysInWords, forgetFirstKeys, readFirstKeys, underAddress } from "./first-file.ts";

export function addFirstKeys(keys: Command): void {
  onFolder(keys.command("first"))
    .description("show the keys that a first start without a terminal left in a file, or remove that file")
    .option("--all", "show every URL of the box, for each kind of report")
    .option("--forget", "remove it")
    .addOption(publicUrl())
    .option("--json", "print one JSON document")
    .action(first);
}

type AskedKeys = { data: string; all?: true; forget?: true; publicUrl?: string; json?: true };

async function first({ data, all, forget, publicUrl: base, ...options }: AskedKeys): Promise<void> {
  const folder = existingFolder(data);
  nameFolder(folder);
  if (forget === true) {
    const forgotten = await forgetFirstKeys(folder);
    const inWords = forgotten ? "is removed; the keys still open" : "is not there";
    print({ forgotten }, () => `${firstKeysFile(folder)} ${inWords}.`, options);
    return;
  }
  const found = await readFirstKeys(folder);
  if (found === null)
    throw new Failure(
      `there is no ${firstKeysFile(folder)}; make keys with \`gatepost keys create --scope ingest --box NAME\``,
    );
  const keys = base === undefined ? found : underAddress(found, base);
  print(keys, () => firstKeysInWords(keys, all).join("\n"), options);
}
