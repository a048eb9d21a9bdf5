import type { Api } from "@gatepost/client";
import { computed, effect, signal } from "@preact/signals";
import { type Address, addressOf, parseAddress } from "./address.ts";
import { keepAsking } from "./loading.ts";
import { isAdmin, isLimited, isManager } from "./role.ts";
import { address } from "./route.ts";
import { gatepost, me, session } from "./session.ts";

/** A name for an address. */
export type View = Api["GET /v1/views"]["answer"]["views"][number];

/** The saved views of the user and the shared ones, by name. */
export const views = signal<readonly View[]>([]);

/** Whether the user can have views: a person, or the user of an admin key. */
export const hasViews = computed(() => isAdmin.value || (me.value?.account ?? null) !== null);

/** Whether the user may share views, and change shared ones. */
export const isSharing = computed(() => isManager.value && !isLimited.value);

export const mayChange = ({ isForEverybody }: View): boolean => !isForEverybody || isSharing.value;

/** Reads the views of the user now and after a passing failure, until the returned function is called. */
export const keepViews = (): (() => void) => keepAsking(readViews);

async function readViews(signal?: AbortSignal): Promise<void> {
  views.value = (await gatepost().ask("GET /v1/views", signal === undefined ? {} : { signal })).views;
}

/** Saves a view. Rejects if the server refuses it. */
export async function saveView(body: Omit<View, "id">): Promise<View> {
  const saved = await gatepost().ask("POST /v1/views", { body });
  await readViews();
  return saved;
}

export async function moveView({ id }: View, to: string): Promise<void> {
  await gatepost().ask("PATCH /v1/views/{id}", { path: { id }, body: { address: to } });
  await readViews();
}

export async function removeView({ id }: View): Promise<void> {
  await gatepost().send("DELETE /v1/views/{id}", { path: { id } });
  await readViews();
}

/** The address that a view of this page gets. */
export const addressHere = computed(() => addressOf(address.value.page, address.value.id, address.value.query));

/** The view of the address. */
export const viewHere = computed(() => {
  const here = keyOf(address.value);
  return views.value.find((view) => keyOf(parseAddress(view.address)) === here) ?? null;
});

const lastId = signal<string | null>(null);

/** The view that was opened last on this page. The address may be another by now. */
export const lastView = computed(() => views.value.find(({ id }) => id === lastId.value) ?? null);

effect(() => {
  const here = viewHere.value;
  if (here !== null) lastId.value = here.id;
  else if (lastView.value !== null && parseAddress(lastView.value.address).page !== address.value.page)
    lastId.value = null;
});

// Another user may sign in next.
session.subscribe(() => {
  views.value = [];
});

/** A text that is the same for addresses that show the same. */
function keyOf({ page, id, query }: Address): string {
  const asked = Object.entries(query).map(([name, values]) => `${name}=${values.toSorted().join()}`);
  return [page, id, ...asked.toSorted()].join("\n");
}
