import type { QuarantineRecord } from "@gatepost/client";
import { attempt } from "../state/failure.ts";
import { gatepost } from "../state/session.ts";

/** Saves a report as it was received, byte by byte. */
export async function download({ id, box }: Pick<QuarantineRecord, "id" | "box">): Promise<void> {
  await attempt(async () => {
    const { body, bodyBase64, bodyLink } = await gatepost().ask("GET /v1/quarantine/{id}", { path: { id } });
    const url = bodyLink?.url ?? URL.createObjectURL(blobOf(body, bodyBase64));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${box}-${id}.txt`;
    link.click();
    if (bodyLink === undefined) setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}

function blobOf(body: unknown, base64: string | undefined): Blob {
  if (base64 !== undefined) return new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))]);
  return new Blob([typeof body === "string" ? body : JSON.stringify(body)]);
}
