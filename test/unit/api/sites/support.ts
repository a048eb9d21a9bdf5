import { passing, runtime, type TestRuntime, told } from "../support.ts";

export interface SiteAnswer {
  id: string;
  name: string;
  boxes: string[];
  devices: number;
  presence: string;
  why: string[];
}

/** A runtime with two boxes at `hq`, one at `city` and one without a site, each with one passing at one device. */
export async function withSites() {
  const deps = await runtime();
  for (const [box, site] of Object.entries({ "gate-1": "hq", "gate-2": "hq", lobby: "city", garage: null })) {
    deps.ingest.addKey("ingest", box);
    await deps.deliver(passing({ identity_id: box, extData: { ep_id: "", device_ip: "10.0.0.7" } }), { box });
    if (site !== null) await deps.ask(`/v1/boxes/${box}`, patch({ site }));
  }
  await deps.ingest.notes.flushAll();
  return deps;
}

export const patch = (body: object) => ({ method: "PATCH", body: JSON.stringify(body) });
export const put = (body: object) => ({ method: "PUT", body: JSON.stringify(body) });

/** The key of the only device of a box. */
export async function deviceOf(deps: TestRuntime, box: string): Promise<string> {
  return (await told(deps, `/v1/boxes/${box}`)).body.devices[0].key;
}
