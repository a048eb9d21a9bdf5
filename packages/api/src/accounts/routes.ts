import { type Account, hereMs, type Role, roles, type Sight } from "@gatepost/core/accounts";
import { GatepostError } from "@gatepost/core/errors";
import { boxText } from "@gatepost/core/events";
import * as z from "zod";
import { consoleAt, requireOwnOrigin } from "../access/own-origin.ts";
import { afterPassword, beginSession } from "../access/sign-in.ts";
import { administratorsAlone } from "../access/who.ts";
import { siteText, visible } from "../names.ts";
import { exampleIds, exampleTokens } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { openRoute, route } from "../route.ts";
import { secondStepNeeded } from "./second-step.ts";
import { requireGoodPassword } from "./sign-in.ts";

const accountAnswer = namedObject("Account", {
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable().meta({ description: "Null if the company's provider tells none." }),
  role: z.enum(roles),
  sites: z.array(z.string()).nullable().meta({ description: "Limited to these sites and to `boxes`; both null: all." }),
  boxes: z.array(z.string()).nullable(),
  isDisabled: z.boolean(),
  with: z.enum(["company", "password"]).nullable().meta({ description: "Null before the invitation was accepted." }),
  isByGroups: z.boolean().meta({ description: "Whether groups of the company's provider decide role and sites." }),
  lastSeen: z.iso.datetime().nullable(),
  isHere: z.boolean().meta({ description: "Whether the person was here within ten minutes." }),
  invitation: z.object({ expires: z.iso.datetime() }).nullable(),
});

const invitationAnswer = namedObject("Invitation", {
  url: z.string().meta({ description: "The link, for the person alone." }),
  token: z.string(),
  expires: z.iso.datetime(),
});

/** Most sites or boxes that an account is limited to. */
const maxSights = 50;

const names = (text: z.ZodType<string, string>) =>
  z
    .array(text)
    .min(1, "name one, or give null")
    .max(maxSights)
    .transform((all) => [...new Set(all)])
    .nullable();

const sight = {
  sites: names(siteText).meta({ description: "Null: not limited to sites." }),
  boxes: names(boxText).meta({ description: "Null: not limited to boxes." }),
};

/** Any address with something on both sides of one `@`: only the person can tell whether mail arrives there. */
const email = z
  .string()
  .trim()
  .normalize()
  .max(254)
  .regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, "must be an e-mail address");

export const name = z
  .string()
  .trim()
  .normalize()
  .min(1)
  .max(64)
  .regex(...visible);

function refuseLimitedAdministrator({ role, sites, boxes }: { role?: Role } & Partial<Sight>): boolean {
  return role !== "administrator" || ((sites ?? null) === null && (boxes ?? null) === null);
}

const unlimited = { path: ["sites"], message: "an administrator sees every box; leave sites and boxes out" };

const newAccount = z
  .strictObject({
    email,
    name: name.nullable().default(null),
    role: z.enum(roles),
    sites: sight.sites.default(null),
    boxes: sight.boxes.default(null),
  })
  .refine(refuseLimitedAdministrator, unlimited);

const accountChange = z
  .strictObject({
    name: name.exactOptional(),
    role: z.enum(roles).exactOptional(),
    sites: sight.sites.exactOptional(),
    boxes: sight.boxes.exactOptional(),
    isDisabled: z.boolean().exactOptional(),
  })
  .refine(refuseLimitedAdministrator, unlimited);

export const accountPath = z.object({ id: z.string().meta({ description: "`acc_…`" }) });

const listAccounts = route({
  method: "GET",
  path: "/v1/accounts",
  who: administratorsAlone,
  about: {
    summary: "List the people who sign in",
    answer: {
      status: 200,
      is: "One page, the oldest account first.",
      schema: z.object({ accounts: z.array(accountAnswer), next: nextPage }),
    },
  },
  asks: { query: z.object(paging) },
  async answer({ query }, deps) {
    const { items, next } = await readPage("accounts", query, (_, page) => deps.accounts.page(page), deps);
    return Response.json({ accounts: items.map((one) => shown(one, deps.clock())), next });
  },
});

const createAccount = route({
  method: "POST",
  path: "/v1/accounts",
  who: administratorsAlone,
  about: {
    summary: "Invite a person",
    detail:
      "The link works once, for 7 days. The person who opens it chooses a password, or continues with the company.",
    answer: {
      status: 201,
      is: "The account, and the link. Only this answer contains the link.",
      schema: accountAnswer.extend({ invitation: invitationAnswer }),
    },
    others: { 409: "Another account has this e-mail address." },
    example: { body: { email: "li.wei@example.com", role: "manager", sites: ["hq"] } },
  },
  asks: { body: newAccount },
  dear: true,
  audits: {
    action: "account-invited",
    about: ({ body: { role, sites, boxes } }) => ({ role, sites, boxes }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ account: id })),
  },
  async answer({ body, headers, caller }, deps) {
    const { id, ...link } = await deps.accounts.create(body, caller.id);
    const account = await deps.accounts.get(id);
    if (account === null) throw noSuchAccount();
    const invitation = shownLink(link, consoleAt(headers, caller));
    return Response.json({ ...shown(account, deps.clock()), invitation }, { status: 201 });
  },
});

const createFirst = route({
  method: "POST",
  path: "/v1/accounts/first",
  who: administratorsAlone,
  about: {
    summary: "Make the first administrator",
    detail:
      "For the user of a first link: the answer signs the new administrator in, and ends the session of the link. The password " +
      "has 10 to 256 characters and is none of the most used.",
    answer: { status: 201, is: "The account, and the cookie of its session.", schema: accountAnswer },
    others: {
      409: "There is an administrator (`administrator`), or another account has this e-mail address (`email-taken`).",
    },
    example: { body: { name: "李娜", email: "li.na@example.com", password: "seven green boats" } },
  },
  asks: { body: z.strictObject({ name, email, password: z.string().min(1).max(1024) }) },
  dear: true,
  audits: {
    action: "account-invited",
    about: () => ({ role: "administrator", first: true }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ account: id })),
  },
  refuses: async ({ body }) => requireGoodPassword(body.password, body),
  async answer({ body: { password, ...person }, headers, caller }, deps) {
    const account = await deps.accounts.createFirst({ ...person, password: await deps.passwords.hash(password) });
    const asked = { account, with: "password", stays: false } as const;
    const cookie = await beginSession(asked, { from: caller, headers }, deps);
    return Response.json(shown(account, deps.clock()), { status: 201, headers: { "set-cookie": cookie } });
  },
});

const changeAccount = route({
  method: "PATCH",
  path: "/v1/accounts/:id",
  who: administratorsAlone,
  about: {
    summary: "Change an account",
    detail:
      "Absent members stay. A change of the role, sites, boxes or `isDisabled` ends the sessions of the account. An " +
      "account that is disabled loses its invitation, too.",
    answer: { status: 200, is: "The account as it is now.", schema: accountAnswer },
    others: { 409: "It is the last administrator." },
    example: { path: { id: exampleIds.account }, body: { role: "manager", sites: ["hq"] } },
  },
  asks: { path: accountPath, body: accountChange },
  dear: true,
  audits: {
    action: "account-changed",
    about: ({ path: { id }, body: { name: renamed, role, sites, boxes, isDisabled } }) => ({
      account: named(id),
      name: renamed === undefined ? undefined : true,
      role,
      sites,
      boxes,
      disabled: isDisabled,
    }),
  },
  async answer({ path: { id }, body }, deps) {
    if ((await deps.accounts.get(id))?.role === "administrator" && body.role === undefined) {
      if (!refuseLimitedAdministrator({ ...body, role: "administrator" })) {
        throw new GatepostError("bad-request", `sites: ${unlimited.message}`);
      }
    }
    refuseUnlessChanged(await deps.accounts.change(id, body));
    const account = await deps.accounts.get(id);
    if (account === null) throw noSuchAccount();
    return Response.json(shown(account, deps.clock()));
  },
});

const removeAccount = route({
  method: "DELETE",
  path: "/v1/accounts/:id",
  who: administratorsAlone,
  about: {
    summary: "Remove an account",
    detail: "Its sessions end within 2 s. Its name stays in the audit log.",
    answer: { status: 204, is: "It is removed." },
    others: { 409: "It is the last administrator." },
    example: { path: { id: exampleIds.account } },
  },
  asks: { path: accountPath },
  dear: true,
  audits: { action: "account-removed", about: ({ path: { id } }) => ({ account: named(id) }) },
  async answer({ path: { id } }, deps) {
    refuseUnlessChanged(await deps.accounts.remove(id));
    await Promise.all([deps.views.removeOf(id), deps.factors.removeAll(id)]);
    return new Response(null, { status: 204 });
  },
});

const invite = route({
  method: "POST",
  path: "/v1/accounts/:id/invitation",
  who: administratorsAlone,
  about: {
    summary: "Make a new link for an account",
    detail:
      "For a person who is locked out. The earlier link, the password and all sessions end. A disabled account is " +
      "enabled.",
    answer: {
      status: 201,
      is: "The link.",
      schema: invitationAnswer.extend({ enabled: z.boolean() }),
    },
    others: { 409: "Its factors open nothing here (`factors-first`): take them away first." },
    example: { path: { id: exampleIds.account } },
  },
  asks: { path: accountPath },
  dear: true,
  audits: {
    action: "account-invited",
    about: ({ path: { id } }) => ({ account: named(id), again: true }),
    tells: z.object({ enabled: z.boolean() }).transform(({ enabled }) => (enabled ? { disabled: false } : {})),
  },
  refuses: ({ path: { id } }, deps) => requireUsableFactors(id, deps),
  async answer({ path: { id }, headers, caller }, deps) {
    const link = await deps.accounts.invite(id, caller.id);
    if (link === null) throw noSuchAccount();
    const { enabled } = link;
    return Response.json({ ...shownLink(link, consoleAt(headers, caller)), enabled }, { status: 201 });
  },
});

const invitationPath = z.object({ token: z.string().max(128).meta({ description: "`gpv_…`" }) });

const getInvitation = openRoute({
  method: "GET",
  path: "/v1/invitations/:token",
  about: {
    summary: "Get an invitation",
    answer: {
      status: 200,
      is: "Who invites, and as what.",
      schema: z.object({
        email: z.string().nullable(),
        name: z.string().nullable(),
        role: z.enum(roles),
        sites: z.array(z.string()).nullable(),
        boxes: z.array(z.string()).nullable(),
        by: z.object({ name: z.string().nullable() }),
        expires: z.iso.datetime(),
      }),
    },
    others: { 410: "It was used, has ended, or its account was disabled." },
    example: { path: { token: exampleTokens.invitation } },
  },
  asks: { path: invitationPath },
  async answer({ path: { token } }, deps) {
    const { account, by, expiresAt } = await deps.accounts.invitation(token);
    const { email: address, name: called, role, sites, boxes } = account;
    const inviting = by === null ? null : ((await deps.accounts.names([by])).get(by) ?? null);
    const expires = new Date(expiresAt).toISOString();
    return Response.json({ email: address, name: called, role, sites, boxes, by: { name: inviting }, expires });
  },
});

const acceptInvitation = openRoute({
  method: "POST",
  path: "/v1/invitations/:token",
  about: {
    summary: "Accept an invitation with a password",
    detail: "The password has 10 to 256 characters and is none of the most used. The answer signs the person in.",
    answer: { status: 204, is: "The cookie of a session." },
    also: secondStepNeeded,
    others: {
      403: "No factor of the account can be used any more (`factors-lost`; `passkeys-elsewhere` if all are passkeys of another host).",
      409: "The account has no e-mail address that it alone has: accept it with the company.",
      410: "It was used, has ended, or its account was disabled.",
    },
    example: { path: { token: exampleTokens.invitation }, body: { name: "陈敏", password: "seven green boats" } },
  },
  asks: { path: invitationPath, body: z.strictObject({ name, password: z.string().min(1).max(1024) }) },
  async answer({ path: { token }, body, headers, from }, deps) {
    requireOwnOrigin(headers, from);
    const { account: invited } = await deps.accounts.invitation(token);
    // Throws before the link is used, if no factor can be.
    await deps.factors.needs(invited.id);
    requireGoodPassword(body.password, { email: invited.email, name: body.name });
    const password = await deps.passwords.hash(body.password);
    const account = await deps.accounts.accept(token, { name: body.name, password });
    return afterPassword({ account, stays: false, isByLink: true }, { from, headers }, deps);
  },
});

export const accountRoutes = [
  ...[listAccounts, createAccount, createFirst, changeAccount, removeAccount, invite],
  ...[getInvitation, acceptInvitation],
];

export function noSuchAccount(): GatepostError {
  return new GatepostError("not-found", "there is no such account; list them");
}

/** Throws 409 if no factor of an account can be used: its new password would be refused, and the link be used. */
async function requireUsableFactors(
  id: string,
  { accounts, factors }: Pick<ApiPorts, "accounts" | "factors">,
): Promise<void> {
  if ((await accounts.get(id)) === null) throw noSuchAccount();
  try {
    await factors.needs(id);
  } catch (error) {
    if (!(error instanceof GatepostError && error.kind === "forbidden")) throw error;
    const how = `DELETE /v1/accounts/${id}/factors, or \`gatepost accounts factors reset ${id}\``;
    throw new GatepostError(
      "conflict",
      `the factors of this account open nothing here, and a new link would not help: take them away first (${how})`,
      { code: "factors-first" },
    );
  }
}

function refuseUnlessChanged(changed: "changed" | "unknown" | "last-administrator"): void {
  if (changed === "unknown") throw noSuchAccount();
  if (changed === "last-administrator") {
    throw new GatepostError("conflict", "this is the last administrator; make another one first", {
      code: "last-administrator",
    });
  }
}

/** The id of an account as it may be logged: the sent text may be anything. */
export function named(id: string): string {
  return /^acc_[0-9a-f]{18}$/.test(id) ? id : "no account";
}

function shownLink({ token, expiresAt }: { token: string; expiresAt: number }, at: string) {
  return { url: `${at}/#/invite/${token}`, token, expires: new Date(expiresAt).toISOString() };
}

function shown(account: Account, now: number) {
  const { id, name: called, email: address, role, sites, boxes, isDisabled, isByGroups, lastSeenAt } = account;
  return {
    id,
    name: called,
    email: address,
    role,
    sites,
    boxes,
    isDisabled,
    with: account.with,
    isByGroups,
    lastSeen: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
    isHere: lastSeenAt !== null && Math.abs(now - lastSeenAt) < hereMs,
    invitation: account.invitedUntil === null ? null : { expires: new Date(account.invitedUntil).toISOString() },
  };
}
