import { signal } from "@preact/signals";
import { EndedExport } from "../parts/ended-export.tsx";
import { RunningJob } from "../parts/job-progress.tsx";
import { Opener } from "../parts/popover.tsx";
import { serverTime } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { isUnfinished, jobOf, runJob } from "../state/jobs.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { query } from "../state/route.ts";
import { listSites, siteNameOf } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { listKey, peopleFilterOf } from "./filter.ts";

const formats = ["xlsx", "csv"] as const;
type Format = (typeof formats)[number];

const name = "people export";
/** The list and the site whose file was asked for last. */
const exported = signal<string | null>(null);

/** Exports the people of the list, as a job of the server. A table is of one site, whose clocks it shows. */
export function PeopleExport() {
  const w = peopleWords.value;
  const { state } = useLoading("sites of an export", listSites);
  const [chosen] = query.value["site"] ?? [];
  const sites = (state.value.value ?? []).filter(({ id }) => chosen === undefined || id === chosen);
  const job = jobOf(name).value;
  if (isUnfinished(job)) return <RunningJob job={job} label={w.export} />;
  return (
    <>
      {job === null || exported.value !== listKey(query.value) ? null : <EndedExport name={name} job={job} />}
      {sites.length === 0 ? null : (
        <Opener label={w.export} text={w.export} icon="download">
          {(close) => (
            <ul class="choices">
              {sites.flatMap((site) =>
                formats.map((format) => (
                  <li key={`${site.id} ${format}`}>
                    <button
                      type="button"
                      class="btn bare"
                      onClick={() => {
                        close();
                        void attempt(() => exportAs(format, site.id));
                      }}
                    >
                      <bdi>
                        {sites.length === 1 ? "" : `${siteNameOf(site)} · `}
                        {w.formats[format]}
                      </bdi>
                    </button>
                  </li>
                )),
              )}
            </ul>
          )}
        </Opener>
      )}
    </>
  );
}

async function exportAs(format: Format, site: string): Promise<void> {
  exported.value = listKey(query.peek());
  const { order: _, kind, ...asked } = peopleFilterOf(query.peek(), serverTime());
  const kinds = kind === undefined ? {} : { kind: [kind].flat() };
  const filter = { ...asked, ...kinds, site };
  const ended = await runJob(name, { kind: "export", what: "people", format, filter });
  if (ended?.state === "failed") say(words.peek().events.exportFailed);
}
