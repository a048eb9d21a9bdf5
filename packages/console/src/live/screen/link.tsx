import { useSignal } from "@preact/signals";
import { dayMs } from "../../format/durations.ts";
import { clockTime, day, shortTime } from "../../format/time.ts";
import { CopyLine } from "../../parts/button.tsx";
import { Dialog, FormDialog } from "../../parts/dialog.tsx";
import { Choice } from "../../parts/field.tsx";
import { QrCode } from "../../parts/pages/qr-code.tsx";
import { serverTime } from "../../state/clock.ts";
import { useLoading } from "../../state/loading.ts";
import { gatepost } from "../../state/session.ts";
import { listSites, siteNameOf } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { screenWords } from "../../words/screen.ts";
import { screenSite } from "./site.ts";
import { screenSize } from "./size.ts";

type End = "tomorrow" | "in30";

/** Tomorrow at 08:00 in this browser's zone, ms since 1970. */
export function tomorrowAtEight(now: number): number {
  const at = new Date(now);
  at.setDate(at.getDate() + 1);
  return at.setHours(8, 0, 0, 0);
}

/** Makes a link that opens screen mode elsewhere, without an account: a key to read one site, with an end. */
export function ScreenLink({ onClose }: { onClose(): void }) {
  const w = screenWords.value;
  const { state } = useLoading("sites of a screen link", listSites);
  const sites = state.value.value ?? [];
  const chosen = useSignal<string | null>(screenSite.value);
  const end = useSignal<End>("tomorrow");
  const made = useSignal<{ link: string; until: number } | null>(null);
  const site = sites.find(({ id }) => id === chosen.value) ?? sites[0];
  const now = serverTime();
  const until = end.value === "tomorrow" ? tomorrowAtEight(now) : now + 30 * dayMs;
  const make = async () => {
    if (site === undefined) return;
    const { signIn } = await gatepost().createKey({
      scope: "read",
      for: "screen",
      site: site.id,
      note: w.note(siteNameOf(site)),
      expiresAt: new Date(until).toISOString(),
    });
    if (signIn !== undefined) made.value = { link: sized(signIn), until };
  };
  if (made.value !== null) return <Made {...made.value} onClose={onClose} />;
  return (
    <FormDialog
      title={w.link}
      does={w.make}
      isReady={site !== undefined}
      onSend={make}
      onClose={() => leave(made.value, onClose)}
    >
      {sites.length < 2 ? null : (
        <Choice
          label={words.value.filters.site}
          chosen={site?.id ?? ""}
          choices={sites.map((one) => [one.id, siteNameOf(one)])}
          onChoose={(id) => (chosen.value = id)}
        />
      )}
      <Choice
        label={w.ends}
        chosen={end.value}
        choices={[
          ["tomorrow", w.tomorrow(shortTime(tomorrowAtEight(now)))],
          ["in30", w.inDays(day(now + 30 * dayMs))],
        ]}
        onChoose={(choice) => (end.value = choice)}
      />
      <p class="meta">{w.linkWhy}</p>
    </FormDialog>
  );
}

/** The form closes itself when it was sent: then the link is shown in its place. */
function leave(made: object | null, onClose: () => void): void {
  if (made === null) onClose();
}

/** The link opens the size that is shown here. */
const sized = (link: string) => link.replace(/&screen=[sml]$/, `&screen=${screenSize.peek()}`);

function Made({ link, until, onClose }: { link: string; until: number; onClose(): void }) {
  const w = screenWords.value;
  return (
    <Dialog title={w.link} onClose={onClose}>
      <QrCode text={link} label={w.link} />
      <CopyLine label={w.address} text={link} />
      <p>{w.scan}</p>
      <p class="meta">
        {w.ends}: {day(until)}, {clockTime(until)}
      </p>
    </Dialog>
  );
}
