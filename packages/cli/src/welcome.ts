import type { Runtime, Served } from "@gatepost/embedded";
import { routes } from "@gatepost/ingest";
import { apiOf } from "./client.ts";
import { onRuntime } from "./connect.ts";
import { allKeys, createKey } from "./keys.ts";
import { lanAddress, urlOf } from "./urls.ts";

/** On the first start the keys to begin with, in the URLs that a person needs; later nothing. */
export async function welcome(runtime: Runtime, { host, port }: Served): Promise<string[]> {
  const api = apiOf(onRuntime(runtime));
  const { keys } = await allKeys(api);
  if (keys.length > 0) return [];
  const delivering = await createKey(api, { scope: "ingest", box: "box-1" });
  const administering = await createKey(api, { scope: "admin" });
  const url = urlOf(lanAddress(host), port);
  return [
    "Paste into the first box, for each kind of event that it sends:",
    ...routes.map(({ path }) => `  ${url}/${delivering.token}${path}`),
    "Sign in to the console as administrator:",
    `  ${url}/#token=${administering.token}`,
    "These keys are not shown again; `gatepost keys create` makes more.",
  ];
}
