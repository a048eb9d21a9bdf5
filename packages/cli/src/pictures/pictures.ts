import { resolve } from "node:path";
import { exportPictures } from "@gatepost/embedded";
import { plural } from "@gatepost/protocol";
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { onFolder } from "../options.ts";
import { print } from "../output.ts";
import { exportFailure } from "../runtime/data-failure.ts";
import { existingFolder, nameFolder } from "../runtime/data-folder.ts";

/** Pictures that a failure names at most. */
const maxNamed = 10;

export function addPictureCommands(program: Command): void {
  const pictures = program.command("pictures").description("get at the pictures");
  onFolder(pictures.command("export"))
    .argument("<dir>")
    .description("write every picture as a plain file, whether a server runs or not")
    .option("--json", "print one JSON document")
    .action(exportAll);
}

async function exportAll(directory: string, { data, ...options }: { data: string; json?: true }): Promise<void> {
  const folder = existingFolder(data);
  nameFolder(folder);
  const to = resolve(directory);
  const { pictures, failures } = await exportPictures(folder, to).catch((error: unknown) => {
    throw exportFailure(error, { data: folder, to });
  });
  print(
    { pictures, failed: failures.length },
    () => `${plural(pictures, "picture is", "pictures are")} in ${directory}.`,
    options,
  );
  if (failures.length === 0) return;
  const named = failures.slice(0, maxNamed).map(({ picture, reason }) => `${picture}: ${reason}`);
  const more = failures.length > maxNamed ? `; and ${failures.length - maxNamed} more` : "";
  throw new Failure(
    `${failures.length} could not be read from ${folder}; restore pictures/ from a backup if it is lost: ${named.join("; ")}${more}`,
  );
}
