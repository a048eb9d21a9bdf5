import type { BoxHealth } from "@gatepost/client";
import { AddBox } from "../parts/add-box.tsx";
import { Blank } from "../parts/blank.tsx";
import { Head } from "../parts/head.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { BoxCard } from "./card.tsx";

const everyMs = 10_000;

/** Which box is silent? */
export function BoxesPage() {
  const { pages, boxes: w } = words.value;
  const loading = useLoading("boxes", listBoxes, { every: everyMs });
  const { value } = loading.state.value;
  const silent = value?.filter((box) => box.state === "silent" && !box.silence.isExpected).length ?? 0;
  const reporting = value?.filter((box) => box.state === "reports").length ?? 0;
  return (
    <>
      <Head title={pages.boxes} {...(value === null ? {} : { say: w.about(silent, reporting) })}>
        <span class="end line">
          <AddBox />
        </span>
      </Head>
      <Loaded of={loading}>
        {(boxes) =>
          boxes.length === 0 ? (
            <Blank icon="boxes" title={w.noneTitle} why={w.noneWhy}>
              <AddBox />
            </Blank>
          ) : (
            <div class="boxes">
              {boxes.map((box) => (
                <BoxCard key={box.id} box={box} onChanged={loading.reload} />
              ))}
            </div>
          )
        }
      </Loaded>
    </>
  );
}

const mostPages = 20;

/** All boxes, the silent ones first, as the server orders them. */
async function listBoxes(signal: AbortSignal): Promise<BoxHealth[]> {
  const all: BoxHealth[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const { boxes, next = null } = await gatepost().ask("GET /v1/boxes", { query, signal });
    all.push(...boxes);
    if (next === null) break;
    cursor = next;
  }
  return all;
}
