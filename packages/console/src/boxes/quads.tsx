import type { BoxHealth } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { shortMs } from "../format/number.ts";
import { Ago } from "../parts/ago.tsx";
import { words } from "../words/index.ts";
import { skewText, wrongClockMs } from "./about.ts";

/** When it reported last, how its clock is, how late its reports are, and how many have flags. */
export function Quads({ box }: { box: BoxHealth }) {
  const { boxes: w, locale } = words.value;
  const skew = box.clock?.skewMs ?? null;
  const lag = box.kinds.map(({ lagMs }) => lagMs).find((ms) => ms !== null) ?? null;
  const rate = box.flagged?.rate ?? null;
  const percent = rate === null ? "–" : rate.toLocaleString(locale, { style: "percent", maximumFractionDigits: 1 });
  return (
    <dl class="quads">
      <Quad name={w.lastReport}>{box.lastSeen === null ? w.never : <Ago at={box.lastSeen} />}</Quad>
      <Quad name={w.clock} tone={skew !== null && Math.abs(skew) > wrongClockMs ? "bad" : ""}>
        {skew === null ? "–" : skewText(skew)}
      </Quad>
      <Quad name={w.delay}>{lag === null ? "–" : shortMs(lag)}</Quad>
      <Quad name={w.flagged} tone={rate !== null && rate > 0.5 ? "wait" : ""}>
        {percent}
      </Quad>
    </dl>
  );
}

export function Quad({ name, tone = "", children }: { name: string; tone?: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  );
}
