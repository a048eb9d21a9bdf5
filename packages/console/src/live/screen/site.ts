import { computed } from "@preact/signals";
import { useLoading } from "../../state/loading.ts";
import { parameter } from "../../state/route.ts";
import { me } from "../../state/session.ts";
import { listAllSites, siteNameOf } from "../../state/sites.ts";

/** The site of the screen: of the address, else of the key; null if it shows several. */
export const screenSite = computed(() => parameter("site") ?? me.value?.key?.site ?? null);

/** Its name for people, or its id until that is known; null if there is no one site. */
export function useSiteName(): string | null {
  const { state } = useLoading("sites of the screen", listAllSites);
  const site = screenSite.value;
  const known = state.value.value?.find(({ id }) => id === site);
  return known === undefined ? site : siteNameOf(known);
}
