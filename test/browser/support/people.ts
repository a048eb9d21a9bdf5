import { client } from "@gatepost/client";
import type { Office } from "./office.ts";
import type { Visitor } from "./visitor.ts";

export const password = "seven green boats";

interface Person {
  name: string;
  email: string;
  role: "guard" | "manager" | "administrator";
  boxes?: readonly string[];
}

/** Invites a person, who accepts with the usual password. Returns the id of the account. */
export async function hire({ api, url }: Office, { name, ...account }: Person): Promise<string> {
  const { id, invitation } = await api.ask("POST /v1/accounts", { body: account });
  const path = { token: invitation.token };
  await client({ url }).send("POST /v1/invitations/{token}", {
    path,
    body: { name, password },
    headers: { origin: new URL(url).origin },
  });
  return id;
}

/** Fills in the form of the page for signing in, and sends it. */
export async function sendPassword({ page }: Visitor, email: string, typed = password): Promise<void> {
  await page.getByLabel(/^(E-mail|邮箱)$/).fill(email);
  await page.getByLabel(/^(Password|密码)$/).fill(typed);
  await page.getByRole("button", { name: /^(Sign in|登录)$/ }).click();
}

/** Signs in with a password at an address, and waits for the page that it is of. */
export async function signInAs(visitor: Visitor, { url }: Office, email: string, hash = "#/live"): Promise<void> {
  await visitor.page.goto(`${url}/${hash}`);
  await sendPassword(visitor, email);
  await visitor.page.getByRole("navigation").first().waitFor();
}
