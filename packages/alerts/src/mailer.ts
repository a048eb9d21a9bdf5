import type { Mailer } from "@gatepost/core/accounts";
import type { Log } from "@gatepost/core/log";
import { sendFiles } from "./channels/email.ts";
import type { AlertTarget } from "./target/target.ts";

/** ms in which a server of mail must take a mail with its files. */
const timeoutMs = 60_000;

interface Deps {
  /** The targets that alert people, in the order of their rules, as they are now. */
  targets(): readonly AlertTarget[];
  allowPrivateTargets: boolean;
  log: Log;
}

/** Sends mails with files over the server of the first target that sends e-mail. */
export function mailerOf({ targets, allowPrivateTargets, log }: Deps): Mailer {
  const targetNow = () => targets().find(({ type }) => type === "email") ?? null;
  return {
    language: () => targetNow()?.template.language ?? null,
    async send(mail) {
      const target = targetNow();
      if (target === null) return "no rule sends e-mail any more";
      const signal = AbortSignal.timeout(timeoutMs);
      const { failure, warning } = await sendFiles(mail, target, { timeoutMs, signal, allowPrivateTargets });
      if (warning !== undefined) log.warn("a mail did not reach all of its addresses", { reason: warning });
      return failure;
    },
  };
}
