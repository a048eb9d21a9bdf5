import { approvalSchema, eventSchema } from "@gatepost/protocol";
import * as z from "zod";
import { inTime } from "../clock.ts";
import { limitedJsonOrNull } from "../limited-json.ts";
import { whyOf } from "../why.ts";
import type { ReportedOutcome } from "./task.ts";

const { timestamp, person, pictures, flags, reports } = eventSchema.shape;
const { kind } = reports.def.element.shape;

/** The members of an event that the bridge needs. */
const listedEvent = z.object({ timestamp, person, pictures, flags, reports: z.array(z.object({ kind })) });

const listedAction = z.object({
  id: z.string().max(64),
  wantAction: z.enum(["1001", "1002"]),
  box: z.string(),
  approval: z.nullable(approvalSchema),
  event: z.exactOptional(listedEvent),
});
export type ListedAction = z.output<typeof listedAction>;

const actionPage = z.object({ actions: z.array(listedAction), next: z.string().nullable() });
const removal = z.object({ id: z.string().max(64), box: z.string(), person: z.string().min(1), at: z.iso.datetime() });
const removalPage = z.object({ removals: z.array(removal) });
export type Removal = z.output<typeof removal>;
const whose = z.object({ key: z.object({ boxes: z.array(z.string()).optional() }) });

/** `gone`: the action no longer exists. `refused`: it is not accepted, and never will be. */
export type CloudAnswer<Value> =
  | { state: "ok"; value: Value }
  | { state: "gone"; reason: string }
  | { state: "refused"; reason: string };

/** The cloud did not answer, or not as Gatepost does. The message says why. The request is repeated later. */
export class CloudError extends Error {
  /** Whether the error may concern only the requested action: requests for others may succeed. */
  readonly isOfOne: boolean;

  constructor(message: string, { isOfOne = false, ...options }: ErrorOptions & { isOfOne?: boolean } = {}) {
    super(message, options);
    this.isOfOne = isOfOne;
  }
}

/** The key may not use this action, or its data in the store is broken. */
const ofOne = new Set([403, 500]);

const timeoutMs = 30_000;
const pageSize = "200";
/** Most pages that are read at once. The others are read at the next look. */
const maxPages = 10;
const maxPhotoBytes = 5 * 1024 * 1024;
/** Most characters of a reason. Removals allow the fewest. */
const maxReason = 200;
const maxJsonBytes = 32 * 1024 * 1024;

/** The orders of the cloud for boxes, and reports about them, with a key that is limited to these boxes. */
export class CloudOrders {
  readonly #url: string;
  readonly #token: string;
  #answeredAt: number | null = null;

  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /** The time of the cloud's last answer, ms since 1970 by its clock; null if it has not answered, or does not say. */
  get answeredAt(): number | null {
    return this.#answeredAt;
  }

  /** The orders of people. Throws CloudError. */
  async ordered(signal: AbortSignal): Promise<ListedAction[]> {
    const actions: ListedAction[] = [];
    const query = new URLSearchParams({ approved: "1", limit: pageSize });
    for (let pages = 0; pages < maxPages; pages++) {
      const page = await this.#json(`/v1/actions?${query}`, actionPage, signal);
      actions.push(...page.actions);
      if (page.next === null) break;
      query.set("cursor", page.next);
    }
    return actions;
  }

  /** The newest photos that boxes asked for and no one has decided about. Throws CloudError. */
  async asked(signal: AbortSignal): Promise<ListedAction[]> {
    const query = new URLSearchParams({ state: "pending,announced", want: "1002", with: "event", limit: pageSize });
    return (await this.#json(`/v1/actions?${query}`, actionPage, signal)).actions;
  }

  /** The people to remove from boxes. Throws CloudError. */
  async removals(signal: AbortSignal): Promise<Removal[]> {
    return (await this.#json("/v1/removals", removalPage, signal)).removals;
  }

  /** The boxes that the key is limited to; null if it is not. Throws CloudError. */
  async boxesOfKey(signal: AbortSignal): Promise<string[] | null> {
    return (await this.#json("/v1/me", whose, signal)).key.boxes ?? null;
  }

  /**
   * The photo of an action. Throws CloudError.
   *
   * @param sha256 of the approved photo; null for the photo of the event
   */
  async photo(action: string, sha256: string | null, signal: AbortSignal): Promise<CloudAnswer<Buffer>> {
    const path = `/v1/actions/${encodeURIComponent(action)}/photo`;
    return this.#ask(
      sha256 === null ? path : `${path}?sha256=${encodeURIComponent(sha256)}`,
      { signal },
      maxPhotoBytes,
    );
  }

  /** Whether an action still exists. An erasure removes it. Throws CloudError. */
  async isThere(action: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(`/v1/actions/${encodeURIComponent(action)}`, { signal }, maxJsonBytes);
    return answer.state !== "gone";
  }

  /** Reports the results of an action at boxes. Throws CloudError. */
  report(
    action: string,
    { number, boxes }: { number: number; boxes: readonly (ReportedOutcome & { box: string })[] },
    signal: AbortSignal,
  ): Promise<CloudAnswer<Buffer>> {
    const state = boxes.some((one) => one.state === "failed") ? "failed" : "done";
    const shown = boxes.map((one) => ({ ...one, reason: shortened(one.reason) }));
    const body = { state, boxes: shown, ...(number === 0 ? {} : { approval: number }) };
    return this.#post(`/v1/actions/${encodeURIComponent(action)}`, body, signal);
  }

  /** Reports the result of a removal. Throws CloudError. */
  reportRemoval(id: string, { state, reason }: ReportedOutcome, signal: AbortSignal): Promise<CloudAnswer<Buffer>> {
    return this.#post(`/v1/removals/${encodeURIComponent(id)}`, { state, note: shortened(reason) }, signal);
  }

  async #json<Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>> {
    const answer = await this.#ask(path, { signal }, maxJsonBytes);
    if (answer.state !== "ok")
      throw new CloudError(answer.state === "gone" ? "no Gatepost with acting answers there" : answer.reason);
    const read = schema.safeParse(limitedJsonOrNull(answer.value));
    if (!read.success) throw new CloudError("the cloud answers something else than Gatepost does");
    return read.data;
  }

  #post(path: string, body: unknown, signal: AbortSignal): Promise<CloudAnswer<Buffer>> {
    return this.#ask(path, { method: "POST", body: JSON.stringify(body), signal }, maxJsonBytes);
  }

  async #ask(
    path: string,
    { signal, ...request }: { method?: string; body?: string; signal: AbortSignal },
    maxBytes: number,
  ): Promise<CloudAnswer<Buffer>> {
    try {
      return await inTime(timeoutMs, signal, (until) => this.#send(path, { ...request, signal: until }, maxBytes));
    } catch (error) {
      if (error instanceof CloudError || signal.aborted) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new CloudError(`the cloud cannot be asked: ${whyOf(cause)}`, { cause: error });
    }
  }

  async #send(path: string, request: RequestInit, maxBytes: number): Promise<CloudAnswer<Buffer>> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    };
    // A redirect may lead to a store of pictures: fetch does not send the key there.
    const response = await fetch(this.#url + path, { ...request, headers });
    const content = await bytesOf(response, maxBytes);
    const answeredAt = Date.parse(response.headers.get("date") ?? "");
    this.#answeredAt = Number.isNaN(answeredAt) ? null : answeredAt;
    if (response.ok) return { state: "ok", value: content };
    const problem = problemIn(response, content);
    // The store to which the cloud redirects does not have it.
    if (response.redirected && response.status === 404) return { state: "gone", reason: "its bytes are lost" };
    if (problem === null)
      throw new CloudError(`${response.status}, which is no answer of Gatepost; is cloud.url right?`);
    if (response.status === 404 || response.status === 410) return { state: "gone", reason: problem };
    if (response.status === 400 || response.status === 409) return { state: "refused", reason: problem };
    throw new CloudError(`the cloud answers ${response.status}: ${problem}`, { isOfOne: ofOne.has(response.status) });
  }
}

/** The part of a reason that the cloud accepts: a longer one would be refused each time. */
function shortened(reason: string | null): string | null {
  return reason?.slice(0, maxReason).toWellFormed() ?? null;
}

async function bytesOf(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new CloudError("the cloud answers without end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The problem that Gatepost reports; null if another server answered, for example a proxy. */
function problemIn(response: Response, content: Buffer): string | null {
  if (!/^application\/problem\+json/i.test(response.headers.get("content-type") ?? "")) return null;
  const read = z.object({ detail: z.string() }).safeParse(limitedJsonOrNull(content));
  return read.success ? read.data.detail : null;
}
