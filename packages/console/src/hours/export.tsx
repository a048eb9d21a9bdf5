import { signal } from "@preact/signals";
import { EndedExport } from "../parts/ended-export.tsx";
import { RunningJob } from "../parts/job-progress.tsx";
import { Opener } from "../parts/popover.tsx";
import { attempt } from "../state/failure.ts";
import type { Asked } from "../state/hours/sheet.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { say } from "../state/notice.ts";
import { hoursWords } from "../words/hours.ts";
import { words } from "../words/index.ts";

const formats = ["xlsx", "csv"] as const;

const name = "hours export";
/** The sheet whose file was asked for last. */
const exported = signal<string | null>(null);

/** Exports the days of the sheet with their corrections, as a job of the server. */
export function Export({ asked }: { asked: Asked }) {
  const w = hoursWords.value;
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={w.export} />;
  return (
    <>
      {job === null || exported.value !== JSON.stringify(asked) ? null : <EndedExport name={name} job={job} />}
      <Opener label={w.export} text={w.export} icon="download">
        {(close) => (
          <ul class="choices">
            {formats.map((format) => (
              <li key={format}>
                <button
                  type="button"
                  class="btn bare"
                  onClick={() => {
                    close();
                    void attempt(() => exportAs(format, asked));
                  }}
                >
                  {w.formats[format]}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Opener>
    </>
  );
}

async function exportAs(format: (typeof formats)[number], asked: Asked): Promise<void> {
  exported.value = JSON.stringify(asked);
  const { site, from, to, group, only } = asked;
  const filter = {
    ...{ site, from, to },
    ...(group === null ? {} : { group }),
    ...(only.length === 0 ? {} : { only: [...only] }),
  };
  const ended = await runJob(name, { kind: "export", what: "hours", format, filter });
  if (ended?.state === "failed") say(words.peek().events.exportFailed);
}
