import type { Channel } from "@gatepost/core/rules";
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

/** The sender of each channel. */
export const senders: Readonly<Record<Channel, Sender>> = {
  wecom,
  dingtalk,
  feishu,
  email,
  mqtt,
  ntfy,
  slack,
  telegram,
  teams,
};
