import type { Job, ResendResult, Rule } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isoDay } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { JobProgress, StopJob } from "../parts/job-progress.tsx";
import { serverTime } from "../state/clock.ts";
import { attempt, inLanguageOrAsIs } from "../state/failure.ts";
import { followJob, isUnfinished, jobOf, resumeJob } from "../state/jobs.ts";
import { useOnce } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { labels } from "../words/labels.ts";
import { ruleWords } from "../words/rules.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Sends a rule what it missed: since it was switched off last, or in the last day. */
export function Resend({ rule }: { rule: Rule }) {
  const isOpen = useSignal(false);
  const w = ruleWords.value;
  return (
    <>
      <Button icon="replay" onClick={() => (isOpen.value = true)}>
        {w.resend}
      </Button>
      {isOpen.value ? <ResendDialog rule={rule} onClose={() => (isOpen.value = false)} /> : null}
    </>
  );
}

function ResendDialog({ rule, onClose }: { rule: Rule; onClose(): void }) {
  const { name, isOn, offSince } = rule;
  const w = ruleWords.value;
  const now = serverTime();
  const from = useSignal(localOf(offSince === null ? now - dayMs : Date.parse(offSince)));
  const to = useSignal(localOf(now + 60_000));
  /** Another time is another question. A job that sends is shown until it has ended, also in a dialog that is opened again. */
  const asked = `${from.value} ${to.value}`;
  const begun = useSignal("");
  const sending = `resend ${name}`;
  const counted = jobOf(`${sending} ${asked}`).value;
  const last = jobOf(sending).value;
  const sent = isUnfinished(last) || begun.value === asked ? last : null;
  const shown = sent ?? counted;
  const found = countsOf(counted);
  const begin = useOnce(async (dryRun: boolean) => {
    await attempt(async () => {
      const body = { from: instantOf(from.value), to: instantOf(to.value), dryRun };
      const job = await gatepost().ask("POST /v1/rules/{name}/resend", { path: { name }, body });
      if (!dryRun) begun.value = asked;
      void (dryRun ? followJob(`${sending} ${asked}`, job) : followJob(sending, job, { isKept: true }));
    });
  });
  useEffect(() => void resumeJob(sending), [sending]);
  return (
    <Dialog title={<bdi>{w.resendTitle(name)}</bdi>} onClose={onClose}>
      <p class="quiet">{w.resendAbout}</p>
      <Field label={labels.value.from} of={from} type="datetime-local" required />
      <Field label={labels.value.to} of={to} type="datetime-local" required />
      {isUnfinished(shown) ? <JobProgress job={shown} label={w.resend} /> : null}
      <p role="status">{shown === null ? null : outcomeWords(shown, sent !== null)}</p>
      <span class="line">
        {isUnfinished(sent) ? <StopJob job={sent} /> : null}
        <Button onClick={() => void begin(true)}>{w.resendCount}</Button>
        {found !== null && found.sent > 0 && sent === null && isOn ? (
          <Button look="main" icon="send" onClick={() => void begin(false)}>
            {w.resendNow(found.sent)}
          </Button>
        ) : null}
      </span>
    </Dialog>
  );
}

function countsOf(job: Job | null): ResendResult | null {
  const result = job?.result ?? null;
  return result !== null && "unmatched" in result ? result : null;
}

function outcomeWords(job: Job, isSent: boolean): string | null {
  const w = ruleWords.value;
  const counts = countsOf(job);
  if (counts === null) return job.reason === null ? null : inLanguageOrAsIs(job.reason);
  const { sent, had, tooOld, unmatched, declined, done, withheld, pending, dead, held, gone } = counts;
  const text = isSent ? w.resent(sent) : w.wouldResend(sent);
  return [
    text,
    ...w.notResent({ had, tooOld, unmatched, closed: declined + done + withheld + pending, dead, held, gone }),
  ].join(" · ");
}

/** The form of `datetime-local`, in this browser's zone. */
function localOf(at: number): string {
  const date = new Date(at);
  return `${isoDay(at)}T${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** The server refuses what is no time, with a sentence. */
function instantOf(typed: string): string {
  const at = new Date(typed);
  return Number.isNaN(at.getTime()) ? typed : at.toISOString();
}
