import type { Operations } from "@gatepost/client";
import { includes, type Role, roles } from "@gatepost/core/accounts";
import { omitAbsent } from "@gatepost/protocol";
import { type Command, Option } from "commander";
import { type Api, withApi } from "../client.ts";
import { Failure } from "../failure.ts";
import { shellWord } from "../hints.ts";
import { onApi, publicUrl, type Reading, several } from "../options.ts";
import { print, table } from "../output.ts";
import { plain } from "../plain.ts";
import { pagesOf } from "../progress-bar.ts";

type Account = Operations["GET /v1/accounts"]["answer"]["accounts"][number];
type Invitation = Operations["POST /v1/accounts"]["answer"]["invitation"];

export function addAccountCommands(program: Command): void {
  const accounts = program.command("accounts").description("invite people who sign in, and help who is locked out");
  onApi(accounts.command("create"))
    .description("invite a person; the link is shown only now, and works once within 7 days")
    .requiredOption("--email <address>", "the e-mail address, by which the person signs in")
    .option("--name <text>", "the name; else the person gives it")
    .addOption(new Option("--role <role>", "what the person may do").choices(roles).makeOptionMandatory())
    .option("--site <name>", "a site that the person sees, instead of all; may be repeated", several)
    .option("--box <name>", "a box that the person sees, instead of all; may be repeated", several)
    .addOption(publicUrl())
    .action(create);
  onApi(accounts.command("list")).description("list the people who sign in").action(list);
  onApi(accounts.command("disable"))
    .argument("<account>", "its id or e-mail address")
    .description("sign a person out, and refuse the account from then on")
    .action(disable);
  onApi(accounts.command("reset"))
    .argument("<account>", "its id or e-mail address")
    .description("make a new link; the password and all sessions end, and a disabled account is enabled")
    .addOption(publicUrl())
    .action(reset);
  const factors = accounts.command("factors").description("help a person who has lost the second factor");
  onApi(factors.command("reset"))
    .argument("<account>", "its id or e-mail address")
    .description(
      "take all second factors away; all sessions end, and the password alone signs in, or a new link who is too late to add one",
    )
    .action(resetFactors);
}

async function resetFactors(named: string, options: Reading): Promise<void> {
  const account = await withApi(options, async (api) => {
    const { id, email, name, ...state } = await found(named, api);
    const typed = shellWord(email ?? id);
    await api.ask("DELETE /v1/accounts/{id}/factors", { path: { id } });
    const { requiredFrom } = await api.ask("GET /v1/sign-in/policy");
    return { id, email, name, after: afterReset(state, { requiredFrom, typed }) };
  });
  const words = "has no second factor any more, and is signed out everywhere";
  const { after, ...shown } = account;
  print(shown, () => `${plain(nameOf(account))} ${words}: ${after}.`, options);
}

/**
 * @param requiredFrom the role from which upwards people need a second factor
 * @param typed the account, as a word of a command
 */
function afterReset(
  { isDisabled, role, with: way }: Pick<Account, "isDisabled" | "role" | "with">,
  { requiredFrom, typed }: { requiredFrom: Role | null; typed: string },
): string {
  if (isDisabled) return "the account stays disabled";
  if (way === "company") return "the company signs in";
  if (way === null) return "it signs in once its invitation is accepted";
  const isNeeded = requiredFrom !== null && includes(role, requiredFrom);
  return isNeeded
    ? `it needs a new one; if the password is refused, \`gatepost accounts reset ${typed}\` makes a new link`
    : "the password alone signs in";
}

type AskedLink = Reading & { publicUrl?: string };

async function create({
  email,
  name,
  role,
  site,
  box,
  publicUrl: given,
  ...options
}: AskedLink & { email: string; name?: string; role: Role; site?: string[]; box?: string[] }): Promise<void> {
  const body = { email, role, ...omitAbsent({ name, sites: site, boxes: box }) };
  const made = await withApi(options, async (api) => {
    const answer = await api.ask("POST /v1/accounts", { body });
    return { ...answer, invitation: withAddress(answer.invitation, given ?? api.publicUrl) };
  });
  print(made, () => linkInWords(made.invitation, plain(email)), options);
}

async function list(options: Reading): Promise<void> {
  const accounts = await withApi(options, allAccounts);
  const rows = accounts.map((one) => [one.id, one.name, one.email, one.role, seenBy(one), stateOf(one), one.lastSeen]);
  print({ accounts }, () => table(["ID", "NAME", "E-MAIL", "ROLE", "SEES", "STATE", "LAST SEEN"], rows), options);
}

async function disable(named: string, options: Reading): Promise<void> {
  const disabled = await withApi(options, async (api) => {
    const { id } = await found(named, api);
    return api.ask("PATCH /v1/accounts/{id}", { path: { id }, body: { isDisabled: true } });
  });
  print(disabled, () => `${plain(nameOf(disabled))} is disabled, and signed out everywhere.`, options);
}

async function reset(named: string, { publicUrl: given, ...options }: AskedLink): Promise<void> {
  const made = await withApi(options, async (api) => {
    const { id, email, name } = await found(named, api);
    const { enabled, ...link } = await api.ask("POST /v1/accounts/{id}/invitation", { path: { id } });
    return { id, email, name, enabled, invitation: withAddress(link, given ?? api.publicUrl) };
  });
  const words = made.enabled ? "\nThe account was disabled, and is enabled again." : "";
  print(made, () => linkInWords(made.invitation, plain(nameOf(made))) + words, options);
}

async function allAccounts(api: Api): Promise<Account[]> {
  const accounts: Account[] = [];
  const pages = pagesOf((cursor) => api.ask("GET /v1/accounts", { query: { limit: 200, cursor } }));
  for await (const page of pages) accounts.push(...page.accounts);
  return accounts;
}

/** The account with an id or e-mail address. Throws Failure if there is none, or several have the address. */
async function found(named: string, api: Api): Promise<Account> {
  const all = await allAccounts(api);
  const matching = all.filter(({ id, email }) => id === named || email?.toLowerCase() === named.toLowerCase());
  const [first, other] = matching;
  if (first === undefined)
    throw new Failure(`there is no account ${plain(named)}; \`gatepost accounts list\` shows all`);
  if (other === undefined) return first;
  throw new Failure(
    `${matching.length} accounts have this address; name one by its id: ${matching.map(({ id }) => id).join(", ")}`,
  );
}

/** The link at the address by which people reach the server: the command asks it by another one. */
function withAddress({ token, ...link }: Invitation, address: string): Invitation {
  return { ...link, token, url: `${address}/#/invite/${token}` };
}

/** An account as people know it. */
function nameOf({ email, name, id }: Pick<Account, "email" | "name" | "id">): string {
  return email ?? name ?? id;
}

function linkInWords({ url, expires }: Invitation, person: string): string {
  return `${url}\n\nThis link is for ${person} alone. It works once, until ${expires}.`;
}

function seenBy({ sites, boxes }: Account): string {
  const limits = [...(sites ?? []).map((site) => `site ${site}`), ...(boxes ?? [])];
  return limits.length === 0 ? "everything" : limits.join(", ");
}

function stateOf({ isDisabled, with: way }: Account): string {
  if (isDisabled) return "disabled";
  return way === null ? "invited" : `by ${way}`;
}
