import { type Scope, scopes } from "@gatepost/ingest";
import { type Command, Option } from "commander";
import { nothing, withApi } from "../client.ts";
import { allKeys, createKey } from "../keys.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";

export function addKeyCommands(program: Command): void {
  const keys = program.command("keys").description("make, list and revoke keys");
  onApi(keys.command("create"))
    .description("make a key; its token is shown only now")
    .addOption(new Option("--scope <scope>", "what it is for").choices(scopes).makeOptionMandatory())
    .option("--box <name>", "the box that an ingest key is for")
    .action(create);
  onApi(keys.command("list")).description("list all keys").action(list);
  onApi(keys.command("revoke")).argument("<id>").description("make a key useless").action(revoke);
}

async function create({ scope, box, ...options }: Reading & { scope: Scope; box?: string }): Promise<void> {
  const made = await withApi(options, (api) => createKey(api, { scope, box }));
  const purpose = made.box === null ? made.scope : `${made.scope} for box ${made.box}`;
  print(
    made,
    () => `${made.token}\n\nThis is ${made.id}, a key to ${purpose}. Keep it: it is not shown again.`,
    options,
  );
}

async function list(options: Reading): Promise<void> {
  const listed = await withApi(options, allKeys);
  const titles = ["ID", "SCOPE", "BOX", "CREATED", "LAST USED", "REVOKED"];
  const rows = listed.keys.map((one) => [one.id, one.scope, one.box, one.createdAt, one.lastUsedAt, one.revokedAt]);
  print(listed, () => table(titles, rows), options);
}

async function revoke(id: string, options: Reading): Promise<void> {
  const path = `/v1/keys/${encodeURIComponent(id)}`;
  await withApi(options, (api) => api.ask({ method: "DELETE", path, answer: nothing }));
  print({ id, revoked: true }, () => `${id} is revoked.`, options);
}
