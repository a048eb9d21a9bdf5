import type { ComponentChildren } from "preact";
import type { Loading } from "../state/loading.ts";
import { Failed } from "./failed.tsx";
import { Outdated } from "./outdated.tsx";
import { Skeleton } from "./skeleton.tsx";

/** What was asked for, once it is there; before that its skeleton, or why it does not come. */
export function Loaded<Value>({
  of: { state, reload },
  children,
}: {
  of: Loading<Value>;
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
  return failure === null ? <Skeleton /> : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
}
