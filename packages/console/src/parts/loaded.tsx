import type { ComponentChildren } from "preact";
import { inSequence } from "../format/event.ts";
import { here } from "../state/clock.ts";
import { type Failure, isPassing } from "../state/failure.ts";
import type { Loading } from "../state/loading.ts";
import { words } from "../words/index.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import { Said, useLate } from "./text.tsx";

/** The form of a page: passings with faces, rows, cards beside each other, or panels below each other. */
export type PageForm = "passings" | "rows" | "cards" | "panels";

/** Stands in for data that is still loading. Data that arrives within 200 ms never shows it. */
export function Bones({ children }: { children: ComponentChildren }) {
  if (!useLate()) return null;
  return (
    <>
      <p class="hide" role="status">
        {words.value.events.loading}
      </p>
      {children}
    </>
  );
}

/** Bones in the form of their page. */
export function Skeleton({ as }: { as: PageForm }) {
  return (
    <Bones>
      {as === "passings" ? <PassingBones /> : as === "rows" ? <RowBones /> : <PanelBones isBeside={as === "cards"} />}
    </Bones>
  );
}

const many = (count: number) => Array.from({ length: count }, (_, at) => at);

function PassingBones() {
  return (
    <table class="rows" aria-hidden="true">
      <tbody>
        {many(12).map((row) => (
          <Row key={row} />
        ))}
      </tbody>
    </table>
  );
}

function RowBones() {
  return (
    <table class="rows plain" aria-hidden="true">
      <tbody>
        {many(8).map((row) => (
          <tr key={row}>
            <Cell bone="l" />
            <Cell bone="m" />
            <Cell bone="m" look="opt" />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ bone, look }: { bone: "l" | "m"; look?: string }) {
  return (
    <td class={look}>
      <span class={`bone ${bone}`} />
    </td>
  );
}

function PanelBones({ isBeside }: { isBeside: boolean }) {
  return (
    <div class={isBeside ? "bone-cards" : "stack"} aria-hidden="true">
      {many(isBeside ? 6 : 2).map((panel) => (
        <div key={panel} class="panel body gap">
          <span class="bone l" />
          <span class="bone m" />
          <span class="bone l" />
        </div>
      ))}
    </div>
  );
}

function Row() {
  return (
    <tr>
      <Cell bone="l" look="t" />
      <td class="f">
        <span class="faces">
          <span class="pic bone" />
          <span class="pic bone" />
        </span>
      </td>
      <td class="who">
        <span class="bone l" />
        <span class="bone m" />
      </td>
      <Cell bone="l" look="opt" />
      <Cell bone="m" look="opt" />
      <Cell bone="m" look="opt" />
    </tr>
  );
}

/** Shown if there is nothing: why, and the next step. */
export function Blank({
  icon,
  title,
  why,
  children,
}: {
  icon: IconName;
  title: string;
  why?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class="blank">
      <Icon name={icon} />
      <h2>{title}</h2>
      {why === undefined ? null : <p>{why}</p>}
      {children === undefined ? null : <span class="line">{children}</span>}
    </div>
  );
}

/** Says over older data that it could not be loaded again, and why. A lost connection is shown elsewhere. */
export function Outdated({ of: { value, failure } }: { of: { value: unknown; failure: Failure | null } }) {
  if (value === null || failure === null || failure.status === 0) return null;
  return (
    <div class="strip">
      <Icon name="problems" />
      <span role="status">
        <b>{words.value.failure.outdated}</b> <Said of={failure} />
      </span>
    </div>
  );
}

interface FailedProps {
  failure: Failure;
  /** When it is asked again by itself, ms since 1970. */
  retryAt: number | null;
  onRetry(): void;
  /** What else may be done about it. */
  children?: ComponentChildren;
}

/** What failed, that nothing is lost, and when it is tried again. */
export function Failed({ failure, retryAt, onRetry, children }: FailedProps) {
  const { failure: w } = words.value;
  const [title, why] = sentences(failure);
  const seconds = retryAt === null ? 0 : Math.max(1, Math.ceil((retryAt - here.value) / 1000));
  const again = retryAt === null ? null : w.againIn(seconds);
  return (
    <div role="alert">
      <Blank
        icon={failure.status === 0 ? "off" : "problems"}
        title={title}
        why={
          typeof why === "string" ? (
            inSequence(why, again)
          ) : (
            <>
              {why} {again}
            </>
          )
        }
      >
        {isPassing(failure) || failure.status >= 400 ? (
          <Button look="main" icon="replay" onClick={onRetry}>
            {w.again}
          </Button>
        ) : null}
        {children}
        <span class="meta mono">
          {failure.status === 0 ? "" : `${failure.status} · `}
          {failure.asked.replace(/^GET /, "")}
        </span>
      </Blank>
    </div>
  );
}

function sentences(failure: Failure): readonly [title: string, why: ComponentChildren] {
  const { status, detail } = failure;
  const { failure: w } = words.value;
  if (status === 0) return [w.offline, w.offlineWhy];
  if (status === 403) return [w.forbidden, w.forbiddenWhy];
  if (status === 404 && /nothing at this address/.test(detail)) return [w.missing, w.missingWhy];
  if (status === 404 && /no such box/.test(detail)) return [w.noBox, w.noBoxWhy];
  if (status === 404 || status === 410) return [w.gone, w.goneWhy];
  if (status >= 500) return [w.unavailable, w.unavailableWhy];
  return [w.refused, <Said key="why" of={failure} />];
}

/** The requested value once it has arrived; before that its skeleton, or why it does not arrive. */
export function Loaded<Value>({
  of: { state, reload },
  as = "panels",
  children,
}: {
  of: Loading<Value>;
  as?: PageForm;
  children(value: Value): ComponentChildren;
}) {
  const { value, failure, retryAt } = state.value;
  if (value !== null) {
    return (
      <>
        <Outdated of={state.value} />
        {children(value)}
      </>
    );
  }
  return failure === null ? <Skeleton as={as} /> : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
}
