import type { Rule } from "@gatepost/client";
import { Select } from "../parts/field.tsx";
import { words } from "../words/index.ts";
import { ruleWords } from "../words/rules.ts";
import { type Card, isOfOnce } from "./card.ts";
import { type Draft, hasRecipients, targetTypes } from "./draft.ts";

/** What an address of each channel looks like. */
const urls = {
  wecom: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
  dingtalk: "https://oapi.dingtalk.com/robot/send?access_token=…",
  feishu: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
  email: "smtps://user%40example.com@smtp.example.com",
  mqtt: "mqtts://user@broker.example",
  ntfy: "https://ntfy.sh/my-topic",
  slack: "https://hooks.slack.com/services/…",
  telegram: "https://api.telegram.org",
  teams: "https://….powerplatform.com/…/workflows/…&sig=…",
};

/** Channels whose bots have one address, which nobody types. */
const isUsualAddress = (type: Draft["type"]["value"]) => type === "slack" || type === "telegram";

interface Props {
  rule: Rule | null;
  card: Card;
  draft: Draft;
  isEditable: boolean;
}

/** Whom a rule tells, and when it does not tell again. */
export function Tell({ rule, card, draft, isEditable }: Props) {
  const w = ruleWords.value;
  const { type } = draft;
  return (
    <>
      <div class="row">
        <span>{w.tell}</span>
        <div class="gap">
          <ChannelChoice draft={draft} isEditable={isEditable} />
          <Receiver rule={rule} draft={draft} isEditable={isEditable} />
        </div>
      </div>
      {type.value !== "" && !isOfOnce(card) ? (
        <div class="row">
          <span>{w.notAgain}</span>
          <AgainChoice draft={draft} isEditable={isEditable} />
        </div>
      ) : null}
    </>
  );
}

function ChannelChoice({ draft: { type, url }, isEditable }: Pick<Props, "draft" | "isEditable">) {
  const { rules: w } = words.value;
  const names = ["", ...targetTypes] as const;
  const choose = (name: (typeof names)[number]) => {
    type.value = name;
    // The beginning of an address is not typed by anyone.
    if (url.value === "" || url.value === "https://") url.value = name === "" ? "https://" : "";
  };
  return (
    <Select
      aria-label={w.tells}
      disabled={!isEditable}
      chosen={type.value}
      choices={names.map((name) => [name, name === "" ? w.program : w.channels[name]] as const)}
      onChoose={choose}
    />
  );
}

function Receiver({ rule, draft, isEditable }: Omit<Props, "card">) {
  const { rules: w } = words.value;
  const { type, url, to, secret } = draft;
  const text = (label: string, of: { value: string }, more: object) => (
    <input
      class="field mono"
      aria-label={label}
      placeholder={label}
      autocomplete="off"
      readOnly={!isEditable}
      value={of.value}
      onInput={({ currentTarget }) => (of.value = currentTarget.value)}
      {...more}
    />
  );
  return (
    <>
      {text(w.sentTo, url, {
        type: "url",
        required: !isUsualAddress(type.value),
        placeholder: type.value === "" ? w.sentTo : urls[type.value],
      })}
      {hasRecipients(type.value)
        ? text(type.value === "email" ? w.to : type.value === "mqtt" ? w.topic : w.chat, to, {})
        : null}
      {type.value === "" || type.value === "wecom" || type.value === "teams"
        ? null
        : text(w.secret, secret, {
            type: "password",
            autocomplete: "new-password",
            placeholder: rule?.target.isSigned === true ? w.secretHeld : w.secret,
          })}
      {type.value === "" ? null : <span class="meta">{w.needs[type.value]}</span>}
    </>
  );
}

const seconds = [60, 300, 600, 3600];

function AgainChoice({ draft: { again }, isEditable }: Pick<Props, "draft" | "isEditable">) {
  const w = ruleWords.value;
  const usual = ["0 gate", ...["gate", "person"].flatMap((per) => seconds.map((one) => `${one} ${per}`))];
  const choices = usual.includes(again.value) ? usual : [again.value, ...usual];
  const worded = (choice: string) => {
    const [count = "0", per] = choice.split(" ");
    if (count === "0") return w.always;
    const time = Number(count) % 60 === 0 ? w.minutes(Number(count) / 60) : w.seconds(Number(count));
    return per === "person" ? w.againOfPerson(time) : w.againAtGate(time);
  };
  return (
    <Select
      aria-label={w.notAgain}
      disabled={!isEditable}
      chosen={again.value}
      choices={choices.map((choice) => [choice, worded(choice)] as const)}
      onChoose={(choice) => (again.value = choice)}
    />
  );
}
