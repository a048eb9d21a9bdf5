import { type Command, Option } from "commander";
import { WrongUsage } from "../failure.ts";
import { onApi, seconds } from "../options.ts";
import { type BehindBridge, setUpBehindBridge } from "./box-behind.ts";
import { type SetUpOptions, setUpBox } from "./box-setup.ts";

export function addBoxCommands(program: Command): void {
  const box = program.command("box").description("set boxes up");
  onApi(box.command("setup"))
    .argument("<address>", "the address of the box, as 192.168.1.80")
    .description("write URLs into a box, with a new key or the key of a bridge's file, and wait for its first report")
    .option("--name <name>", "the new name of the box; a key is made for it")
    .addOption(
      new Option("--bridge <file>", "the YAML file of the bridge it is to post to, whose key is used").conflicts([
        "name",
        "url",
        "data",
      ]),
    )
    .option("--box <name>", "which box of that file it is, if several post to the relay")
    .option("--via <url>", "the address that the box posts to instead, as http://192.168.1.5:9528")
    .option("--wait <seconds>", "how long to wait for the first report", seconds, 120)
    .action(setup);
}

type AskedBox = Omit<SetUpOptions, "name"> & Omit<BehindBridge, "bridge"> & { name?: string; bridge?: string };

async function setup(address: string, { name, bridge, box, ...asked }: AskedBox): Promise<void> {
  if (bridge !== undefined) {
    await setUpBehindBridge(address, { ...asked, bridge, box });
    return;
  }
  if (name === undefined || box !== undefined)
    throw new WrongUsage("give the --name of the box, or the --bridge it is behind");
  await setUpBox(address, { ...asked, name });
}
