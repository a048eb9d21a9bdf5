import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { refusalsIn } from "../../../packages/alerts/src/reasons/translate.ts";
import { zhReasons } from "../../../packages/alerts/src/reasons/zh.ts";
import { apiDocument } from "../../../packages/api/src/api.ts";
import { firstRefused } from "../../../packages/console/src/parts/form-faults.tsx";
import { enLabels } from "../../../packages/console/src/words/en-labels.ts";
import { zhRefusals } from "../../../packages/console/src/words/zh-refusals.ts";
import { openPage } from "./support.ts";

const table = { ...zhRefusals, ...zhReasons };
const inChinese = refusalsIn(table);

const sourcesIn = (files: string) =>
  globSync(files)
    .map((file) => readFileSync(file, "utf8"))
    // A filled-in text may have several parts.
    .map((source) => source.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "{}"))
    .join("\n");

const server = sourcesIn("packages/{api,core,http,embedded,aws,alerts,event-pattern,receive,protocol}/src/**/*.ts");

it.each(Object.keys(table))("knows what the server says: %s", (english) => {
  const quoted = [english, english.replaceAll('"', '\\"'), english.replaceAll("`", "\\`")];
  expect(quoted.some((text) => server.includes(text))).toBe(true);
});

/** Refusals of requests that only programs make, or which the console never sends so. */
const ofPrograms = [
  "only a person who has signed in gives them; leave them out",
  "there is no company sign-in here; start with --oidc-issuer",
  "give the box whose events of the person go, or all=1 for every box",
  "send the key as `Authorization: Bearer KEY`",
  "name the account; a key has no sessions",
  "the person at the company is not the one who is signed in here",
  "the company's provider {}, though max_age=0 asks for it",
  "must be a SHA-256 in hex",
  "must name each box once",
  "must name each day once",
  "must be 1",
  "subscription.{}",
  "must be an address of the console, as #/live",
  "must be the end of an invitation link",
  "must be a month as 2026-10",
  "must be a whole number from 0 to 100",
  "must be tic_ and 8 to 40 small letters or digits",
  "must be sch_ and 1 to 40 small letters, digits or hyphens",
  "must be the part of a console's address that begins with #/, without control characters",
  "must not have a key in it",
  "a {} key decides nothing; sign in, or use an admin key",
  "a {} key declines nothing; sign in, or use an admin key",
  "must be the id of an action, `act_…`",
  "must name each action once",
  "must be failed if any box failed",
  "days.{}.{}",
  "must be done if no box failed",
];

it("has a sentence for each refusal that a form of the console can meet", () => {
  const parts = "{accounts,acting,alarms,alerts,boxes,company,hours,keys,people,presence,push,rolls,seen,sites,views}";
  const sources = `${sourcesIn(`packages/api/src/{${parts}/*,names}.ts`)}
    ${sourcesIn("packages/core/src/{accounts,keys,push,rolls,sites,views}/*.ts")}`;
  const refused = [
    /GatepostError\(\s*"(?:bad-request|conflict|forbidden|gone|not-found)",\s*(["`])(.+?)\1(?!\s*\+)/g,
    /(["`])(must .+?)\1/g,
  ];
  const said = refused.flatMap((pattern) =>
    [...sources.matchAll(pattern)].map(([, , text = ""]) => text.replace(/^(?:[\w.{}]+(?:, )?)+: /, "")),
  );
  expect(said).toContain("this is not your password");
  expect(said.filter((text) => text !== "{}" && inChinese(text) === null && !ofPrograms.includes(text))).toEqual([]);
});

it.each([
  ["there is no such dead letter", "没有这条未能送达的记录"],
  ["name: may have 64 characters", "name: 最多 64 个字符"],
  ["from: by hour, ask for at most 92 days at once", "from: 一次最多 92 天"],
  ['pattern: name: write the value as a list: ["a; b"]', 'pattern: name: 值要写成列表：["a; b"]'],
  [
    "target.url: must be as https://subscriber.example/path; target.secret: must be a text, or base64 after whsec_",
    "target.url: 必须是 https:// 地址; target.secret: 必须是文字，或 whsec_ 后的 base64",
  ],
  [
    "the disk is full: make room for the data folder; ask for it again: finished work is kept",
    "数据文件夹的磁盘已满，请腾出空间；请重新开始，已完成的保持不变",
  ],
  [
    'the function Job may not write rows "replayed ": its role lacks UpdateItem; ask for it again: finished work is kept',
    "部署有缺：函数 Job 的角色没有 UpdateItem 权限，请联系运维；请重新开始，已完成的保持不变",
  ],
  ["your role does not include this; it takes the role administrator", "您的角色没有此权限"],
  ["something that nobody knows", null],
])("says it in Chinese: %s", (english, chinese) => {
  expect(inChinese(english)).toBe(chinese);
});

it("breaks a text at its first part if it is too long", () => {
  for (const text of [`a${"; b".repeat(5000)}`, `by ${"by , ask for at most ".repeat(2000)}`])
    expect(inChinese(text)).toBeNull();
  expect(inChinese(`x: ${"may have 64 characters; ".repeat(40)}may have 64 characters`)).toContain(
    "最多 64 个字符; 最多",
  );
});

it("has done with one that quotes its own joints many times", () => {
  expect(inChinese("x; ".repeat(300))).toBeNull();
  expect(inChinese(`there is no such action; ${"; ".repeat(400)}`)).toBeNull();
});

it("translates none that is longer than any of the server's own", () => {
  expect(inChinese("there is no such action")).not.toBeNull();
  expect(inChinese(`there is no such action${"; there is no such action".repeat(100)}`)).toBeNull();
});

async function saidIn(language: "en" | "zh", failure: { status: number; detail: string }) {
  await openPage(() => 503);
  const { prefer } = await import("../../../packages/console/src/state/preferences.ts");
  const { failureText } = await import("../../../packages/console/src/state/failure.ts");
  const { inLanguage } = await import("../../../packages/console/src/state/failure.ts");
  const { words } = await import("../../../packages/console/src/words/index.ts");
  prefer({ language });
  await expect.poll(() => words.value.code.slice(0, 2)).toBe(language);
  await expect.poll(() => inLanguage("there is no such action")).not.toBeNull();
  const named = { status: 404, detail: "name: there is no such action", asked: "", retryAfter: null };
  await expect.poll(() => failureText(named)).not.toMatch(/^name/);
  return failureText({ asked: "GET /v1/x", retryAfter: null, ...failure });
}

it("has a sentence for each fault of a channel", () => {
  const sources = sourcesIn("packages/alerts/src/channels/*.ts");
  const faults = [
    /words:\s+(["`])(.+?)\1/g,
    /\[(?:\d+|"E\w+"), (")(.+?)"\]/g,
    /^const \w+ = (")(.+ .+?)";$/gm,
    /failure = (")(.+?)"/g,
  ].flatMap((pattern) => [...sources.matchAll(pattern)].map(([, , text = ""]) => text));
  expect(faults).toContain("the channel is archived");
  expect(faults).toContain("the server ended the connection");
  expect(faults.filter((text) => inChinese(text) === null)).toEqual([]);
});

it.each([
  ["there may be 100 rules", "最多 100 条规则"],
  ["whatever", "whatever"],
  ["answered 503", "desk 返回 503。"],
  ["connect ECONNREFUSED 127.0.0.1:1", "无法连接 desk。 (connect ECONNREFUSED 127.0.0.1:1)"],
  [
    "self-signed certificate: give the certificate of its authority as ca",
    "证书是自签名的：请在 ca 中给出其颁发机构的证书",
  ],
  [
    "unable to verify the first certificate: ca is of another authority, so give the certificate of the server's own",
    "无法验证服务器的证书：ca 属于另一个颁发机构，请给出服务器自己的颁发机构的证书",
  ],
  ["ntfy answered 503: it gives no reason", "ntfy 503: 对方没有说明原因"],
  ["ca cannot be read (ENOENT): put the file at /etc/ca.pem", "无法读取 ca（ENOENT）：请把文件放到 /etc/ca.pem"],
  [
    "Slack channel_not_found: there is no such channel, or the bot is not in it: invite the bot, and write the channel's id",
    "Slack channel_not_found: 没有此频道，或机器人不在其中：请邀请机器人，并填写频道的编号",
  ],
  ['Telegram answered 500: it says "no bot; (x)"', 'Telegram 500: 对方说 "no bot; (x)"'],
  [
    "Telegram chat not found: there is no such chat, or the bot is not in it: add the bot, and write the chat's number",
    "Telegram chat not found: 没有此聊天，或机器人不在其中：请添加机器人，并填写聊天的号码",
  ],
  [
    "Telegram can't parse entities: the message is not as Telegram wants it",
    "Telegram can't parse entities: 消息格式不符合 Telegram 的要求",
  ],
  [
    "Telegram group chat was upgraded to a supergroup chat: the group has another number now: write it as to",
    "Telegram group chat was upgraded to a supergroup chat: 群的号码已变：请填入 to",
  ],
  [
    'e-mail 550: the server refused an address, or the mail as such ("5.1.1 unknown: user")',
    'e-mail 550: 服务器拒绝了某个地址，或这封邮件 ("5.1.1 unknown: user")',
  ],
  ["MQTT 5: the broker does not let this user in", "MQTT 5: 代理不允许此用户登录"],
])("says in Chinese why a rule or a delivery failed: %s", async (reason, chinese) => {
  await saidIn("zh", { status: 400, detail: "" });
  const { reasonWords } = await import("../../../packages/console/src/format/event.ts");
  expect(reasonWords(reason, "desk")).toBe(chinese);
});

it.each([
  [
    "en",
    { status: 409, detail: "the rule was changed since; ask for it again" },
    "the rule was changed since; ask for it again",
  ],
  ["zh", { status: 409, detail: "the rule was changed since; ask for it again" }, "规则已被修改，请再请求一次"],
  ["zh", { status: 400, detail: "current: this is not your password" }, "当前密码：这不是您的密码"],
  ["en", { status: 400, detail: "holidays.0: must be a day as 2026-10-01" }, "Holidays: must be a day as 2026-10-01"],
  ["zh", { status: 400, detail: "new words" }, "服务器拒绝了此内容。（new words）"],
  ["zh", { status: 413, detail: "" }, "内容过大。"],
  ["en", { status: 502, detail: "" }, "The data store does not respond"],
  [
    "en",
    { status: 400, detail: "name: may have 64 characters; leftOn: must be 2026-11-30 at the latest" },
    "Name: may have 64 characters; Last day: must be 2026-11-30 at the latest",
  ],
  [
    "en",
    { status: 400, detail: "in, out: must be on the day, or on one beside it" },
    "First in, Last out: must be on the day, or on one beside it",
  ],
  [
    "en",
    { status: 400, detail: "target.url: must be as https://subscriber.example/path" },
    "Address: must be as https://subscriber.example/path",
  ],
  ["en", { status: 400, detail: "unheard: of" }, "unheard: of"],
  [
    "zh",
    { status: 400, detail: "validUntil: only a visitor has one; name: may have 64 characters" },
    "有效期至：只有访客才有期限和接待人；名称：最多 64 个字符",
  ],
  ["zh", { status: 400, detail: "name: new words" }, "服务器拒绝了此内容。（name: new words）"],
] as const)("a failure has a sentence in %s: %o", async (language, failure, said) => {
  expect(await saidIn(language, failure)).toBe(said);
});

/** The members of every body that the console sends; those of mappings are written by the page that teaches. */
function sentMembers(): Set<string> {
  const sent = new Set(
    globSync("packages/console/src/**/*.{ts,tsx}").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/"((?:POST|PUT|PATCH|DELETE) \/v1[^"]*)"/g)].map(([, name]) => name),
    ),
  );
  const found = new Set<string>();
  const { paths, components } = apiDocument();
  const walked = new Set<unknown>();
  const walk = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null || walked.has(schema)) return;
    walked.add(schema);
    for (const [name, value] of Object.entries(schema)) {
      if (name === "$ref") walk(components.schemas[String(value).replace("#/components/schemas/", "")]);
      if (name === "properties") for (const member of Object.keys(value)) found.add(member);
      walk(value);
    }
  };
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      if (!sent.has(`${method.toUpperCase()} ${path}`) || path.startsWith("/v1/mappings")) continue;
      walk(requestBody);
    }
  }
  return found;
}

it("there is a label for each member that a refusal begins with, and for each that a field of a form is", () => {
  const members = sentMembers();
  const refused = globSync("packages/{api,core,alerts}/src/**/*.ts").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/["`]([a-z]\w*(?:, [a-z]\w*)*): (?=[a-z$])/g)].flatMap(([, names = ""]) =>
      names.split(", ").filter((name) => members.has(name)),
    ),
  );
  const ofFields = globSync("packages/console/src/**/*.tsx").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/ member="([^"]+)"/g)].map(([, name = ""]) => name),
  );
  expect(refused).toContain("validUntil");
  expect(ofFields).toContain("validUntil");
  expect([...refused, ...ofFields].filter((name) => !(name in enLabels))).toEqual([]);
});

it("the first field that a refusal is about has the focus, if one reason is about two", () => {
  const faults = [
    { members: ["site"], text: "no such site" },
    { members: ["in", "out"], text: "must be on the day" },
  ];
  expect(firstRefused(faults, new Set(["out", "in"]))).toBe("in");
  expect(firstRefused(faults, new Set(["reason"]))).toBeUndefined();
});
