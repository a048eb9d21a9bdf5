import type { Command } from "commander";
import { withApi } from "../client.ts";
import { WrongUsage } from "../failure.ts";
import { linkOf } from "../keys/first-file.ts";
import { onApi, publicUrl, type Reading, stageOption, tableOption } from "../options.ts";
import { print } from "../output.ts";

export function addSignIn(program: Command): void {
  onApi(program.command("sign-in"))
    .description("print a link that opens the console as administrator; it works once within 7 days")
    .addOption(stageOption("for its first administrator"))
    .addOption(tableOption())
    .addOption(publicUrl())
    .action(signIn);
}

type AskedLink = Reading & { stage?: string; table?: string; publicUrl?: string };

interface Made {
  code: string;
  expires: string;
  /** The address of the console; null if it is unknown here. */
  base: string | null;
}

async function signIn({ stage, table, publicUrl: given, ...options }: AskedLink): Promise<void> {
  if (table !== undefined && stage === undefined) throw new WrongUsage("--table is the table of a --stage");
  const { code, expires, base } = await (stage === undefined ? madeByApi(options) : madeOnStage({ stage, table }));
  const address = given ?? base;
  const url = linkOf(code, address ?? "");
  const words = [
    url,
    "",
    `This link signs in as administrator. It works once, until ${expires}.`,
    ...(address === null
      ? ["Put the console's address that the deployment printed before it; --public-url does it."]
      : []),
  ];
  print({ url, code, expires }, () => words.join("\n"), options);
}

/** The command may ask the API by another address than people use. */
function madeByApi(options: Reading): Promise<Made> {
  return withApi(options, async (api) => ({
    ...(await api.ask("POST /v1/sign-in/links")),
    base: api.publicUrl,
  }));
}

/** The code is loaded only here, because it brings the AWS SDK. */
async function madeOnStage(deployed: { stage: string; table: string | undefined }): Promise<Made> {
  const { createStageLink } = await import("@gatepost/aws/stage-key");
  return { ...(await createStageLink(deployed)), base: null };
}
