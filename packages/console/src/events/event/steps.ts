import type { Action, ActionDelivery, Event } from "@gatepost/client";
import type { Note } from "../../parts/notes.tsx";

type PictureKind = keyof Event["pictures"];

type State = Action["state"];
type Decision = NonNullable<Action["history"][number]["decision"]>;

/** One thing that happened to an event. `at` is null if the time is not known. */
export type Step = { at: string | null; tone: "done" | "fail" | "" } & (
  | { is: "report"; report: Event["reports"][number]; isFirst: boolean; brought: readonly PictureKind[] }
  | { is: "asked"; wantAction: "1001" | "1002" }
  | { is: "state"; state: State; reason: string | null; by: string | null; decision: Decision | null }
  | { is: "seen"; by: string | null; reason: string | null; note: string | null }
  | { is: "note"; by: string | null; text: string }
  | { is: "delivery"; delivery: ActionDelivery }
);

/**
 * All steps of an event, in the order of their times.
 *
 * @param known the event's actions as the server lists them, beyond the event itself; may be empty
 */
export function stepsOf(event: Event, known: readonly Action[], notes: readonly Note[] = []): Step[] {
  const reports = event.reports.toSorted((a, b) => Date.parse(a.receivedAt) - Date.parse(b.receivedAt));
  const steps: Step[] = reports.map((report, at) => ({
    is: "report",
    at: report.receivedAt,
    tone: "",
    report,
    isFirst: at === 0,
    brought: broughtBy(report),
  }));
  for (const action of event.actions) {
    steps.push(
      ...stepsOfAction(
        action,
        known.find(({ id }) => id === action.id),
      ),
    );
  }
  const { acknowledgement = null } = event;
  if (acknowledgement !== null) {
    const { at, by, reason, note } = acknowledgement;
    steps.push({ is: "seen", at, tone: "done", by: by.name, reason, note });
  }
  for (const { at, by, text } of notes) steps.push({ is: "note", at, tone: "", by: by.name, text });
  return steps.sort((a, b) => timeOf(a) - timeOf(b));
}

const timeOf = ({ at }: Step) => (at === null ? Number.POSITIVE_INFINITY : Date.parse(at));

function broughtBy(report: object): readonly PictureKind[] {
  const brought: unknown = Reflect.get(report, "brought");
  return Array.isArray(brought) ? brought : [];
}

function stepsOfAction(action: Event["actions"][number], known: Action | undefined): Step[] {
  const history: History = known?.history ?? [lastOf(action)];
  const states = history.map(
    ({ state, at, reason = null, by = null, byName = null, decision = null }): Step => ({
      is: "state",
      at,
      tone: toneOf(state),
      state,
      reason,
      by: byName ?? by,
      decision,
    }),
  );
  const deliveries = (known?.deliveries ?? []).map((delivery): Step => {
    const tone = delivery.state === "delivered" ? "done" : delivery.tries > 0 ? "fail" : "";
    return { is: "delivery", at: delivery.at, tone, delivery };
  });
  const [first] = history;
  const asked: Step = { is: "asked", at: first?.at ?? action.at, tone: "", wantAction: action.wantAction };
  return [asked, ...states, ...deliveries];
}

type History = Action["history"];

/** Of an action without a history its last change is all that is known. */
function lastOf({ state, at, reason }: Event["actions"][number]): History[number] {
  return { state, at, ...(reason === null ? {} : { reason }) };
}

const toneOf = (state: State) => (state === "done" ? "done" : state === "failed" ? "fail" : "");
