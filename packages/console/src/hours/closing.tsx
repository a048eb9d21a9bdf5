import { Confirm } from "../parts/dialog.tsx";
import { attempt } from "../state/failure.ts";
import { monthInWords } from "../state/hours/days.ts";
import type { Sheet } from "../state/hours/sheet.ts";
import { say } from "../state/notice.ts";
import { isManager } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { hoursWords } from "../words/hours.ts";
import type { Shown } from "./shown.ts";

/** Closes a month that has ended, for managers: later reports change nothing in it. */
export function CloseMonth({ shown, sheet, onChanged }: { shown: Shown; sheet: Sheet; onChanged(): void }) {
  const w = hoursWords.value;
  const { period, stretch, today, site } = shown;
  if (!isManager.value || period !== "month" || sheet.closed !== null || stretch.to >= today) return null;
  const month = monthInWords(stretch.from);
  const close = () =>
    attempt(async () => {
      const body = { site: site.id, month: stretch.from.slice(0, 7) };
      const { people } = await gatepost().ask("POST /v1/hours/close", { body });
      say(w.closedNow(month, people));
      onChanged();
    });
  return (
    <Confirm
      label={w.close(month)}
      look=""
      title={w.closeTitle(month)}
      why={w.closeWhy}
      does={w.closeIt(month)}
      onConfirm={close}
    />
  );
}
