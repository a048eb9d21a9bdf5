import { useEffect } from "preact/hooks";
import { Missing } from "../parts/picture.tsx";
import { useLoading } from "../state/loading.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";

/** A picture of a kept report, by the address that the server gives for it. */
export function KeptPicture({ href, class: look }: { href: string; class: string }) {
  const { pictures: w } = words.value;
  const [id = "", , path = ""] = href.split("/").slice(-3).map(decodeURIComponent);
  const asking = { path: { id, path } };
  const { state } = useLoading(`picture ${href}`, async (signal) => {
    const answer = await gatepost().send("GET /v1/quarantine/{id}/pictures/{path}", { ...asking, signal });
    return URL.createObjectURL(await answer.blob());
  });
  const { value, failure } = state.value;
  useEffect(() => () => (value === null ? undefined : URL.revokeObjectURL(value)), [value]);
  if (value !== null) return <img class={look} src={value} alt="" draggable={false} />;
  return failure === null ? <span class={`${look} waits`} /> : <Missing class={look} alt="" text={w.failed} />;
}
