import { AddBox } from "../parts/add-box.tsx";
import { Blank } from "../parts/blank.tsx";
import { Head } from "../parts/head.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { useLoading } from "../state/loading.ts";
import { words } from "../words/index.ts";
import { BoxCard } from "./card.tsx";
import { goodForMs, listBoxes } from "./list-boxes.ts";

/** Which box is silent? */
export function BoxesPage() {
  const { pages, boxes: w } = words.value;
  const loading = useLoading("boxes", listBoxes, { every: goodForMs });
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
