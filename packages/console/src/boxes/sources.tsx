import type { Api } from "@gatepost/client";
import { duration } from "../format/time.ts";
import { State } from "../parts/mark.tsx";
import { Ago } from "../parts/text.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { inLanguageOrAsIs } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost, me } from "../state/session.ts";
import { boxWords } from "../words/boxes.ts";

type Source = Api["GET /v1/sources"]["answer"]["sources"][number];

const everyMs = 10_000;

/** The sources of reports from brokers, which are of one machine; nothing if there are none. */
export function Sources() {
  return isAdmin.value && me.value?.server.runtime === "one-machine" ? <Listed /> : null;
}

function Listed() {
  const w = boxWords.value.sources;
  const loading = useLoading("sources", (signal) => gatepost().ask("GET /v1/sources", { signal }), { every: everyMs });
  const { sources, fault } = loading.state.value.value ?? { sources: [], fault: null };
  if (sources.length === 0 && fault === null) return null;
  return (
    <section class="panel sources" aria-labelledby="sources">
      <header>
        <h2 id="sources">{w.title}</h2>
      </header>
      {fault === null ? null : <Fault of={fault} />}
      <ul>
        {sources.map((source) => (
          <Row key={source.name} of={source} />
        ))}
      </ul>
    </section>
  );
}

function Row({ of: { name, box, broker, topics, isConnected, since, lastMessageAt, fault } }: { of: Source }) {
  const w = boxWords.value.sources;
  const time = since === null ? "" : duration(Math.max(0, now.value - Date.parse(since)));
  return (
    <li>
      <div class="line">
        <b>
          <bdi>{name}</bdi>
        </b>
        <State tone={isConnected ? (fault === null ? "ok" : "wait") : "bad"}>
          {isConnected ? w.connected(time) : w.away(time)}
        </State>
        <span class="end meta">
          {lastMessageAt === null ? (
            w.noMessage
          ) : (
            <>
              {w.lastMessage} <Ago at={lastMessageAt} />
            </>
          )}
        </span>
      </div>
      <bdi class="meta">
        {broker} · {topics.join(", ")} → <a href={addressOf("box", box)}>{box}</a>
      </bdi>
      {fault === null ? null : <Fault of={fault} />}
    </li>
  );
}

function Fault({ of: fault }: { of: string }) {
  return (
    <p class="fault">
      <bdi>{inLanguageOrAsIs(fault)}</bdi>
    </p>
  );
}
