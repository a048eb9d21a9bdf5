import type { Channel } from "@gatepost/core/rules";

/** What a channel's URL must be, and what its users expect. */
interface Form {
  schemes: readonly string[];
  /** A URL as an example, for messages. */
  like: string;
  fits?(url: URL): boolean;
  /** The part of the URL that alone lets anyone write; readers of rules see stars in its place. */
  secret?: RegExp;
  /** The language of most of its users: the usual one of a message. */
  language: "zh" | "en";
  /** The address that is meant if a target names none. */
  usual?: string;
  /** Whether it keeps what it is sent somewhere else in the world: then a message shows a picture only if asked to. */
  isAbroad?: true;
}

const web = ["https:", "http:"];

const forms: Record<Channel, Form> = {
  wecom: {
    schemes: web,
    like: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    fits: ({ searchParams }) => searchParams.has("key"),
    secret: /(?<=[?&]key=)[^&#]+/,
    language: "zh",
  },
  dingtalk: {
    schemes: web,
    like: "https://oapi.dingtalk.com/robot/send?access_token=…",
    fits: ({ searchParams }) => searchParams.has("access_token"),
    secret: /(?<=[?&]access_token=)[^&#]+/,
    language: "zh",
  },
  feishu: {
    schemes: web,
    like: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
    fits: ({ pathname }) => /\/hook\/[^/]+$/.test(pathname),
    secret: /(?<=\/hook\/)[^/?#]+/,
    language: "zh",
  },
  email: {
    schemes: ["smtp:", "smtps:"],
    like: "smtps://gate%40example.com@smtp.example.com?from=gate@example.com",
    fits: (url) => senderOf(url) !== null,
    language: "en",
  },
  mqtt: { schemes: ["mqtt:", "mqtts:"], like: "mqtts://user@broker.example", language: "en" },
  ntfy: {
    schemes: web,
    like: "https://ntfy.sh/my-topic",
    // The names of topics that ntfy takes.
    fits: ({ pathname }) => /^\/(?:.*\/)?[-\w]{1,64}$/.test(pathname),
    secret: /(?<=\/)[^/?#]+(?=[?#]|$)/,
    language: "en",
  },
  slack: {
    schemes: web,
    like: "https://hooks.slack.com/services/…",
    usual: "https://slack.com/api/chat.postMessage",
    fits: ({ pathname }) => /\/services\/.|\/chat\.postMessage$/.test(pathname),
    secret: /(?<=\/services\/)[^?#]+/,
    language: "en",
    isAbroad: true,
  },
  telegram: {
    schemes: web,
    like: "https://api.telegram.org",
    usual: "https://api.telegram.org",
    language: "en",
    isAbroad: true,
  },
  teams: {
    schemes: web,
    like: "https://….powerplatform.com/…/workflows/…&sig=…",
    fits: ({ searchParams }) => searchParams.has("sig"),
    secret: /(?<=[?&]sig=)[^&#]+/,
    language: "en",
    isAbroad: true,
  },
};

/** The address of a channel's target; empty if it names none and the channel has no usual one. */
export const addressOf = (type: Channel, url: string) => (url === "" ? (forms[type].usual ?? "") : url);

/** Whether messages show pictures only if their template names them. */
export const isAbroad = (type: Channel) => forms[type].isAbroad === true;

/** The URL of a channel, or its fault. The fault never quotes the URL: most of them are secrets. */
export function channelUrl(type: Channel, text: string): URL | string {
  const { schemes, like, fits = () => true } = forms[type];
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !schemes.includes(url.protocol) || url.hostname === "" || !fits(url)) return `must be as ${like}`;
  if (url.password !== "") return "must hold no password; write it as secret";
  if (schemes === web && url.username !== "") return "must hold no user; write it as secret";
  // It would go along with pictures alone, and readers of rules would see it.
  if (type === "ntfy" && url.searchParams.has("auth")) return "must hold no auth; write it as secret";
  return url;
}

/** A URL of a channel with stars for its secret part. Of a long secret the last four characters stay. */
export function maskedUrl(type: Channel, url: string): string {
  const { secret: part } = forms[type];
  return part === undefined ? url : url.replace(part, (secret) => `***${secret.length >= 12 ? secret.slice(-4) : ""}`);
}

/** A text without the secrets of a target: a channel may quote them. */
export function withoutSecrets(
  text: string,
  { type, url, secret }: { type: Channel; url: URL; secret: string | null },
) {
  const { secret: part } = forms[type];
  const secrets = [secret, part === undefined ? null : (part.exec(url.href)?.[0] ?? null)];
  return secrets.reduce((rest: string, one) => (one ? rest.replaceAll(one, "***") : rest), text);
}

/** The language of messages if a rule names none. Lark is Feishu outside China. */
export function usualLanguage(type: Channel, url: string): "zh" | "en" {
  return url.includes("larksuite.com") ? "en" : forms[type].language;
}

/** Who an e-mail is from: `from` of the URL, else its user. Null if neither is an address. */
export function senderOf(url: URL): string | null {
  const named = url.searchParams.get("from") ?? userOf(url);
  return isAddress(named) ? named : null;
}

/** The user that a URL names, empty if it names none. */
export function userOf({ username }: URL): string {
  try {
    return decodeURIComponent(username);
  } catch {
    return username;
  }
}

/** Whether a text is one plain address of e-mail: no name, no list, nothing that ends a line of a header. */
export function isAddress(text: string): boolean {
  return /^[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[^\s@<>(),;:"\\[\]\p{Cc}]{1,190}$/u.test(text);
}
