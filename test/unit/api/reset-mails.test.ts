import { mailResets } from "@gatepost/api";
import { beforeEach, expect, it } from "vitest";
import { codeAt } from "../../support/app-codes.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const minute = 60_000;

let deps: TestRuntime;
let person: string;
let administrator: Record<string, string>;

beforeEach(async () => {
  deps = await runtime();
  person = await addAccount(deps, "guard", { name: "Bo" });
  const id = await addAccount(deps, "administrator", { name: "Ann" });
  administrator = await signedIn(deps, id, { provedAt: deps.ingest.now });
});

async function addFactor(): Promise<void> {
  const { factors } = deps.deps;
  const { id, secret } = await factors.addCode({ id: person, label: "Bo" }, "Phone");
  expect(await factors.confirmCode(person, id, codeAt(secret, deps.ingest.now))).toBe("confirmed");
}
async function reset(headers: Record<string, string> = { authorization: "", ...administrator }): Promise<void> {
  const answer = await deps.ask(`/v1/accounts/${person}/factors`, { method: "DELETE", headers });
  expect(answer.status).toBe(204);
}
const send = (mailer = deps.ingest.mailer) => mailResets({ ...deps.deps, mailer });
const left = async () => (await deps.deps.resetMails.all()).length;

it("a person is told once who took the factors away, and what to do", async () => {
  await addFactor();
  await reset();
  await Promise.all([send(), send()]);
  await send();
  const email = (await deps.deps.accounts.get(person))?.email;
  expect(deps.ingest.mails).toMatchObject([{ to: [email], files: [] }]);
  const [{ lines }] = deps.ingest.mails as [(typeof deps.ingest.mails)[0]];
  expect(lines.join("\n")).toMatch(
    /^Ann took away .* at 2026-11-05 04:00 UTC\.\n.*Settings › You.*\n.*a new link\.\n.*tell an admin/,
  );
  expect(await left()).toBe(0);
});

it("a key that took them away is named by its note, and Chinese readers read Chinese", async () => {
  for (const note of ["Personnel office", null]) {
    const made = await deps.ask("/v1/keys", {
      method: "POST",
      body: JSON.stringify({ scope: "admin", ...(note && { note }) }),
    });
    const { token } = (await made.json()) as { token: string };
    await addFactor();
    await reset({ authorization: `Bearer ${token}` });
    await send(note === null ? { ...deps.ingest.mailer, language: () => "zh" } : deps.ingest.mailer);
  }
  expect(deps.ingest.mails.map(({ lines }) => lines[0])).toEqual([
    expect.stringMatching(/^A program with the admin key “Personnel office” took away /),
    expect.stringMatching(/^使用管理密钥“key_\w+”的程序于 2026-11-05 04:00 UTC 清除了您账号的两步验证。$/),
  ]);
});

it.each([
  ["key_process", "A command on the machine of the server"],
  ["setup", "The user of a first link"],
  ["acc_000000000000000009", "An administrator"],
])("a reset by %s says so", async (by, who) => {
  await deps.deps.resetMails.put({ account: person, by, resetAt: deps.ingest.now });
  await send();
  expect(deps.ingest.mails.map(({ lines }) => lines[0])).toEqual([expect.stringMatching(`^${who} took away `)]);
});

it("a mail that is refused is sent again after five minutes, for a day", async () => {
  await addFactor();
  await reset();
  deps.ingest.mailFailure = "e-mail 451: the server had an internal error";
  await send();
  deps.ingest.mailFailure = null;
  deps.ingest.now += 5 * minute - 1;
  await send();
  expect([deps.ingest.mails, await left()]).toEqual([[], 1]);
  deps.ingest.now += 1;
  await send();
  expect([deps.ingest.mails.length, await left()]).toEqual([1, 0]);

  await addFactor();
  await reset();
  deps.ingest.now += 24 * 60 * minute + 1;
  await send();
  expect([deps.ingest.mails.length, await left()]).toEqual([1, 0]);
  expect(deps.lines.map(({ message }) => message)).toContain(
    "a person was not told of a reset: no mail was taken for a day",
  );
});

it("a later reset is told, too, while a mail of the earlier one is being sent", async () => {
  await addFactor();
  await reset();
  const [first] = await deps.deps.resetMails.all();
  if (first === undefined) throw new Error("no mail");
  expect(await deps.deps.resetMails.claim(first, { now: deps.ingest.now, until: deps.ingest.now + minute })).toBe(true);
  deps.ingest.now += 1000;
  await addFactor();
  await reset();
  await deps.deps.resetMails.end(first);
  await send();
  expect(deps.ingest.mails).toHaveLength(1);
});

it("no mail is left of a person without factors, nor if no rule sends e-mail", async () => {
  await reset();
  deps.deps.mailer = { language: () => null };
  await addFactor();
  await reset();
  expect(await left()).toBe(0);
});

it("a person who gets a new link is told, too, and one who is removed is not", async () => {
  await addFactor();
  await reset();
  await deps.deps.accounts.invite(person, "key_1");
  await send();
  expect([deps.ingest.mails.length, await left()]).toEqual([1, 0]);
  await addFactor();
  await reset();
  await deps.ask(`/v1/accounts/${person}`, { method: "DELETE" });
  await send();
  expect([deps.ingest.mails.length, await left()]).toEqual([1, 0]);
});
