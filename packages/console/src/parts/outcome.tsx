import type { Event } from "@gatepost/client";
import { words } from "../words/index.ts";
import { State, type Tone } from "./state.tsx";

export const toneOf = {
  pending: "wait",
  announced: "wait",
  withheld: "",
  done: "ok",
  failed: "bad",
} as const satisfies Record<Event["actions"][number]["state"], Tone>;

/** What became of what the box asked for, in a row. */
export function Outcome({ of }: { of: Event }) {
  return (
    <>
      {of.actions.map(({ id, wantAction, state }) => (
        <State key={id} tone={toneOf[state]}>
          {words.value.outcome[wantAction][state]}
        </State>
      ))}
    </>
  );
}
