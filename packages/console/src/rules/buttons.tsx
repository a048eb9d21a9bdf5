import { reasonWords } from "../format/event.ts";
import { shortMs } from "../format/number.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { attempt, type Failure, failureText } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

/** Another's change is a conflict, not a failure. */
export const orConflict = (failure: Failure) =>
  failure.status === 412 ? words.value.rules.conflict : failureText(failure);

export function Ping({ name }: { name: string }) {
  const { rules: w } = words.value;
  const ping = useOnce(() =>
    attempt(async () => {
      const { status, ms, reason } = await gatepost().ask("POST /v1/rules/{name}/ping", { path: { name } });
      say(
        reason === null
          ? w.tested(String(status ?? "–"), shortMs(ms))
          : w.testFailed(reasonWords(reason, name) ?? reason),
      );
    }),
  );
  return (
    <Button icon="send" onClick={() => void ping()}>
      {w.test}
    </Button>
  );
}

interface RemoveProps {
  name: string;
  etag: string;
  onRemoved(): void;
  /** Where it was not removed, as because another has changed the rules. */
  onRefused(): void;
}

export function Remove({ name, etag, onRemoved, onRefused }: RemoveProps) {
  const { rules: w } = words.value;
  const remove = async () => {
    const removed = await attempt(async () => {
      await gatepost().ask("DELETE /v1/rules/{name}", { path: { name }, headers: { "if-match": etag } });
      return true;
    }, orConflict);
    if (removed === null) onRefused();
    else onRemoved();
  };
  const title = <bdi>{w.removeTitle(name)}</bdi>;
  return <Confirm label={w.remove} look="bare" title={title} why={w.removeWhy} onConfirm={remove} />;
}
