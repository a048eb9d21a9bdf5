import type { Api } from "@gatepost/client";
import { Fragment } from "preact";
import { words } from "../words/index.ts";
import { State } from "./mark.tsx";

/** A passing that a rule is tried on, and each condition of the rule. */
export type Trial = Extract<Api["POST /v1/rules/try"]["answer"], { tried: number }>["events"][number];

/** Condition by condition: the value, and the value that the rule asks for. */
export function Conditions({ why }: { why: Trial["why"] }) {
  const { rules: w } = words.value;
  return (
    <div class="why">
      {why.map(({ path, holds, is, wants }) => (
        <Fragment key={path}>
          <State tone={holds ? "ok" : "bad"} label={holds ? w.matches : w.matchesNot} />
          <span>
            <code class="mono">{path}</code>{" "}
            {is === "" ? (
              w.isMissing
            ) : (
              <>
                {w.is}{" "}
                <b>
                  <bdi>{is}</bdi>
                </b>
              </>
            )}
            {holds ? null : (
              <>
                , {w.wants} <bdi class="mono">{wants}</bdi>
              </>
            )}
          </span>
        </Fragment>
      ))}
    </div>
  );
}
