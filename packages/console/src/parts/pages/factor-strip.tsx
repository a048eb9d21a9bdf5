import { addressOf } from "../../state/address.ts";
import { address } from "../../state/route.ts";
import { settingsWords } from "../../words/settings.ts";
import { sentenceOf, untilOfMe } from "./factor-needed.tsx";

/** Says on every page but Settings until when the user adds a second factor, and leads to it. */
export function FactorStrip() {
  const until = untilOfMe();
  if (until === null || address.value.page === "settings") return null;
  return (
    <div class="roll-strips">
      <p class="note warn" role="status">
        <span>
          {sentenceOf(until)}{" "}
          <a href={addressOf("settings", "you", { act: ["factor"] })}>
            <u>{settingsWords.value.factors.neededAdd}</u>
          </a>
        </span>
      </p>
    </div>
  );
}
