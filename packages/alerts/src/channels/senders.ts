import type { Channel } from "@gatepost/core/rules";
import { withoutSecrets } from "../target/channel-url.ts";
import { dingtalk } from "./dingtalk.ts";
import { email } from "./email.ts";
import { feishu } from "./feishu.ts";
import { mqtt } from "./mqtt.ts";
import { ntfy } from "./ntfy.ts";
import type { Sender } from "./sending.ts";
import { slack } from "./slack.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";
import { wecom } from "./wecom.ts";

/** The sender of each channel. The answers of a channel are told without the secrets of its target. */
export const senders: Readonly<Record<Channel, Sender>> = {
  wecom: discreet(wecom),
  dingtalk: discreet(dingtalk),
  feishu: discreet(feishu),
  email: discreet(email),
  mqtt: discreet(mqtt),
  ntfy: discreet(ntfy),
  slack: discreet(slack),
  telegram: discreet(telegram),
  teams: discreet(teams),
};

/** The same sender, whose channel may quote the secrets of its target. */
function discreet(sender: Sender): Sender {
  return {
    ...sender,
    async send(message, target, deps) {
      const { failure, warning, ...sent } = await sender.send(message, target, deps);
      return {
        ...sent,
        failure: failure === null ? null : withoutSecrets(failure, target),
        ...(warning !== undefined && { warning: withoutSecrets(warning, target) }),
      };
    },
  };
}
