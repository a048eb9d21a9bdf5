import type { Mailer } from "@gatepost/core/accounts";
import type { ResetMail } from "@gatepost/core/factors";
import { dayMs, instant, minuteMs } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";

type Deps = Pick<ApiPorts, "accounts" | "keyAdmin" | "resetMails" | "log" | "clock"> & { mailer: Mailer };

/** ms for which a process has a mail to send, and after which one that was not taken is tried again. */
const againMs = 5 * minuteMs;

/** ms for which a mail is tried. */
const triedForMs = dayMs;

/**
 * Tells people by mail that an administrator took their second factors away. Call it every few minutes. A process that
 * ends while it sends leaves the mail to another try, so then it may arrive twice.
 */
export async function mailResets(deps: Deps): Promise<void> {
  const language = deps.mailer.language();
  if (language === null) return;
  for (const mail of await deps.resetMails.all()) {
    await mailOne(mail, words[language], deps).catch((cause: unknown) => {
      deps.log.error("could not tell a person of a reset, trying again", { account: mail.account, cause });
    });
  }
}

async function mailOne(mail: ResetMail, say: Words, deps: Deps): Promise<void> {
  const { accounts, resetMails, mailer, log, clock } = deps;
  const { account: id, by, resetAt } = mail;
  const now = clock();
  if (now - resetAt > triedForMs) {
    log.warn("a person was not told of a reset: no mail was taken for a day", { account: id });
    return resetMails.end(mail);
  }
  if (!(await resetMails.claim(mail, { now, until: now + againMs }))) return;
  // Who had a factor has signed in by the address, or has none.
  const { email = null } = (await accounts.get(id)) ?? {};
  if (email === null) return resetMails.end(mail);
  const who = await nameOf(by, say, deps);
  const at = `${instant(resetAt).slice(0, 16).replace("T", " ")} UTC`;
  const failure = await mailer.send({ to: [email], subject: say.subject, lines: say.lines(who, at), files: [] });
  if (failure !== null) {
    log.warn("could not tell a person of a reset, trying again", { account: id, reason: failure });
    return;
  }
  await resetMails.end(mail);
  log.info("a person was told of a reset by mail", { account: id });
}

/** Who did it, as the mail says it: an account, a key by its note, or a user without an account. */
async function nameOf(by: string, say: Words, { accounts, keyAdmin }: Deps): Promise<string> {
  const account = await accounts.get(by);
  const known = account?.name ?? account?.email ?? say.users[by];
  if (known !== undefined) return known;
  return by.startsWith("key_") ? say.key((await keyAdmin.notes([by])).get(by) ?? by) : say.administrator;
}

interface Words {
  subject: string;
  administrator: string;
  /** @param name the note of the key; without one, its id */
  key(name: string): string;
  /** Who has no account, by the ids of the audit log. */
  users: Readonly<Record<string, string>>;
  lines(who: string, at: string): string[];
}

const words: Readonly<Record<"en" | "zh", Words>> = {
  en: {
    subject: "Gatepost: your second step of signing in was taken away",
    administrator: "An administrator",
    key: (name) => `A program with the admin key “${name}”`,
    users: { key_process: "A command on the machine of the server", setup: "The user of a first link" },
    lines: (who, at) => [
      `${who} took away the second step of signing in of your account at ${at}.`,
      "All your sessions have ended. Sign in with your password, and set the second step up again under Settings › You.",
      "If the password is refused, ask an administrator for a new link.",
      "If you did not ask for this, tell an administrator at once, and change your password.",
    ],
  },
  zh: {
    subject: "Gatepost：您的两步验证已被清除",
    administrator: "管理员",
    key: (name) => `使用管理密钥“${name}”的程序`,
    users: { key_process: "服务器机器上的命令", setup: "首次登录链接的使用者" },
    lines: (who, at) => [
      `${who}于 ${at} 清除了您账号的两步验证。`,
      "您的全部登录会话已结束。请用密码登录，并在“设置 › 我的账号”中重新设置两步验证。",
      "如果密码被拒绝，请向管理员要一个新链接。",
      "如果这不是您要求的，请立即告知管理员，并修改密码。",
    ],
  },
};
