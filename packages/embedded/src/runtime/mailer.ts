import { sendFiles } from "@gatepost/alerts";
import type { Mailer } from "@gatepost/core/hours";
import type { Log } from "@gatepost/core/log";
import { isForPeople, type Rule } from "../bus/rules.ts";

/** ms in which a server of mail must take a mail with its files. */
const timeoutMs = 60_000;

interface Deps {
  bus: { rules(): readonly Rule[] };
  allowPrivateTargets: boolean;
  log: Log;
}

/** Sends mails over the server of the first rule that sends e-mail, whether it is on or off. */
export function mailerOf({ bus, allowPrivateTargets, log }: Deps): Mailer {
  const targetNow = () => {
    const rule = bus.rules().find((one) => isForPeople(one) && one.target.type === "email");
    return rule !== undefined && isForPeople(rule) ? rule.target : null;
  };
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
