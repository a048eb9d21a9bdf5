import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve } from "./support.ts";

interface Made {
  id: string;
  invitation: { url: string; token: string };
}

const password = "seven green boats";

/** A request of a person in a browser. */
function browser(
  url: string,
  path: string,
  { method = "GET", cookie = "", body }: { method?: string; cookie?: string; body?: object } = {},
) {
  const headers = { origin: url, "content-type": "application/json", cookie };
  return fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

it("`accounts` invites, lists, disables and resets, beside a running server", async () => {
  const data = await dataFolder();
  const { url } = await serve(data);
  const on = ["--data", data];
  const asked = ["--email", "Ann@example.com", "--role", "administrator"];
  const { id, invitation } = await gatepostJson<Made>("accounts", "create", ...asked, ...on);
  expect(invitation.url).toMatch(new RegExp(`^http://[\\w.:]+/#/invite/${invitation.token}$`));
  const accept = { method: "POST", body: { name: "Ann", password } };
  expect((await browser(url, `/v1/invitations/${invitation.token}`, accept)).status).toBe(204);
  const guard = ["--email", "bo@example.com", "--name", "Bo", "--role", "guard", "--site", "hq", "--box", "gate-1"];
  const invited = await gatepost("accounts", "create", ...guard, ...on);
  expect(invited.stdout).toMatch(
    /\/#\/invite\/gpv_[\w-]{27}\n\nThis link is for bo@example\.com alone\. It works once, until /,
  );
  const { stdout } = await gatepost("accounts", "list", ...on);
  expect(stdout).toMatch(/acc_\w{18} +Ann +Ann@example\.com +administrator +everything +by password +20/);
  expect(stdout).toMatch(/acc_\w{18} +Bo +bo@example\.com +guard +site hq, gate-1 +invited +-/);

  const last = await gatepost("accounts", "disable", "ann@example.com", ...on);
  expect([last.code, last.stderr]).toEqual([1, expect.stringContaining("this is the last administrator")]);
  expect((await gatepostJson<{ isDisabled: boolean }>("accounts", "disable", "BO@example.com", ...on)).isDisabled).toBe(
    true,
  );

  const enabled = await gatepost("accounts", "reset", "bo@example.com", ...on);
  expect(enabled.stdout).toMatch(/until \S+\.\nThe account was disabled, and is enabled again\.\n$/);

  const factors = await gatepost("accounts", "factors", "reset", "BO@example.com", ...on);
  expect(factors.stdout).toBe(
    "bo@example.com has no second factor any more, and is signed out everywhere: it signs in once its invitation is accepted.\n",
  );
  await gatepost("accounts", "disable", "bo@example.com", ...on);
  const disabled = await gatepost("accounts", "factors", "reset", "bo@example.com", ...on);
  expect(disabled.stdout).toMatch(/everywhere: the account stays disabled\.\n$/);
  const own = await gatepost("accounts", "factors", "reset", "ann@example.com", ...on);
  expect(own.stdout).toMatch(/everywhere: the password alone signs in\.\n$/);
  const { token: key } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "admin", ...on);
  const policy = await fetch(`${url}/v1/sign-in/policy`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ version: "0", requiredFrom: "manager" }),
  });
  expect(policy.status).toBe(200);
  const needed = await gatepost("accounts", "factors", "reset", "ann@example.com", ...on);
  expect(needed.stdout).toMatch(
    /it needs a new one; if the password is refused, `gatepost accounts reset Ann@example\.com --data [^`]+` makes a new link\.\n$/,
  );

  const signIn = { method: "POST", body: { email: "ann@example.com", password } };
  const signedIn = await browser(url, "/v1/sessions", signIn);
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect((await browser(url, "/v1/me", { cookie })).status).toBe(200);
  const { invitation: again, enabled: isEnabled } = await gatepostJson<Made & { enabled: boolean }>(
    "accounts",
    "reset",
    id,
    ...on,
    "--public-url",
    "https://gate.example",
  );
  expect(isEnabled).toBe(false);
  expect(again.url).toBe(`https://gate.example/#/invite/${again.token}`);
  expect((await browser(url, "/v1/me", { cookie })).status).toBe(401);
  expect((await browser(url, "/v1/sessions", signIn)).status).toBe(401);
  expect((await browser(url, `/v1/invitations/${again.token}`, accept)).status).toBe(204);
});

it("`accounts` works on a folder that no server uses, and explains refusals", async () => {
  const data = await emptyStore();
  const on = ["--data", data];
  const run = (...words: string[]) => gatepost("accounts", ...words, ...on);
  await gatepostJson("accounts", "create", "--email", "a@example.com", "--role", "manager", ...on);
  const refusals: [string[], RegExp][] = [
    [["create", "--email", "a@example.com", "--role", "guard"], /another account has this e-mail address/],
    [["create", "--email", "nobody", "--role", "guard"], /email: must be an e-mail address/],
    [["create", "--email", "b@example.com", "--role", "king"], /Allowed choices are guard, manager, administrator/],
    [
      ["create", "--email", "b@example.com", "--role", "administrator", "--site", "hq"],
      /an administrator sees every box/,
    ],
    [["reset", "none@example.com"], /there is no account none@example\.com/],
    [["disable", "acc_1"], /there is no account acc_1/],
  ];
  for (const [words, why] of refusals) {
    const { code, stderr } = await run(...words);
    expect([code !== 0, stderr]).toEqual([true, expect.stringMatching(why)]);
  }
});

it("`doctor` beside a server counts the people whose passkeys are all of another host", async () => {
  const data = await dataFolder();
  await serve(data, { publicUrl: "https://gate.example.com" });
  const passkey = (host: string) => ({ kind: "passkey", host, pendingUntil: null });
  const put = (n: number, ...factors: object[]) => {
    using database = new DatabaseSync(join(data, "gatepost.db"), { timeout: 5000 });
    const item = JSON.stringify({ factors: JSON.stringify(factors), rev: "1" });
    database.prepare("INSERT INTO items (pk, item) VALUES (?, ?)").run(`factors acc_${`${n}`.repeat(18)}`, item);
  };
  put(1, passkey("gate.example.com"), passkey("localhost"));
  const of = async () => (await gatepost("doctor", "--data", data)).stdout;
  expect(await of()).not.toContain("another host");
  put(2, passkey("localhost"));
  expect(await of()).toMatch(
    /1 account has passkeys of another host only: acc_2{18}: set the earlier --public-url, or `gatepost accounts factors reset EMAIL/,
  );
});
