const channelFault = /^(Slack|Telegram|Teams|WeCom|DingTalk|Feishu|ntfy|MQTT|e-mail)( [^:"]{1,60})?: (.+)$/s;

/**
 * Why a channel took no message: its name and its code stay, and its own words, which are quoted behind. Null if the
 * reason is none of a channel.
 */
export function ofChannel(reason: string, translate: (detail: string) => string | null): string | null {
  const [, channel, code = "", said = ""] = channelFault.exec(reason) ?? [];
  if (channel === undefined) return null;
  const [words = "", ...quoted] = said.endsWith('")') ? said.split(' ("') : [said];
  return `${channel}${code.replace(" answered", "")}: ${[translate(words) ?? words, ...quoted].join(' ("')}`;
}
