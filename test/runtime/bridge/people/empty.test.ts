import { BoxApi, openPeople } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { Fog } from "../../../../packages/bridge/src/people/fog.ts";
import { FogWithFaces } from "../../../../packages/bridge/src/people/fog-faces.ts";
import { V6 } from "../../../../packages/bridge/src/people/v6.ts";
import { bodyOf, listen } from "../../../standins/listen.ts";
import { atEnd } from "../../../unit/simulator/support.ts";
import { boxOf, never, Order, order, otherFace, versions } from "./support.ts";

const settings = { library: "default_group", quality: "high" } as const;

const dialects = [
  ["A", (api: BoxApi) => new Fog("A", api, settings)],
  ["B", (api: BoxApi) => new FogWithFaces("B", api, settings)],
  ["B7", (api: BoxApi) => new FogWithFaces("B7", api, settings)],
  ["C", (api: BoxApi) => new V6(api, settings)],
] as const;

describe.each(dialects)("empty values of a box of generation %s", (_, open) => {
  const identity_id = "1";
  const info = { name: null, type: null, permission_ids: null, image_id: null, room: null };
  const flat = { identity_name: null, user_type: null, permission_ids: null, ext_user_info: null };
  const ofV6 = { ...flat, identity_id, face_ids: null, register_image_ids: null };

  it.each([
    ["null", { data: { identities_list: [{ identity_id, reg_photo: null, group_name: null, info }] }, ...ofV6 }],
    ["left out", { data: { identities_list: [{ identity_id, info: { room: null } }] }, identity_id }],
    ["null as a whole", { data: { identities_list: [{ identity_id, info: null }] }, identity_id, error: null }],
  ])("and writes as %s is empty, and no answer that is not documented", async (_, answer) => {
    const { url, close } = await listen((_, response) => response.end(JSON.stringify(answer)));
    atEnd(close);
    const held = await open(new BoxApi("127.0.0.1", Number(new URL(url).port))).find("1", never);
    expect(held).toMatchObject({ name: "", type: "employee", permissionIds: [], imageId: null, photo: null });
    // An undocumented member of the record may be null; a documented one must not.
    expect(Object.entries(held?.record ?? {}).filter(([name, value]) => value === null && name !== "room")).toEqual([]);
  });
});

/** An answer of a box whose JSON has null for every empty value. */
function withNulls(value: unknown): unknown {
  if (value === "" || (Array.isArray(value) && value.length === 0)) return null;
  if (Array.isArray(value)) return value.map(withNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withNulls(member)]));
}

describe.each(versions)("a box of generation %s that writes null for empty values", (_, version) => {
  it("registers a person, replaces the photo, and undoes both", async () => {
    const { served, library, config } = await boxOf(version);
    const { url, close } = await listen(async (request, response) => {
      const { method = "GET", url: path = "" } = request;
      const sent = await bodyOf(request);
      const answered = await fetch(`http://127.0.0.1:${served.port}${path}`, {
        method,
        ...(sent.length === 0 ? {} : { body: sent, headers: { "content-type": "application/json" } }),
      });
      const bytes = Buffer.from(await answered.arrayBuffer());
      response.writeHead(answered.status);
      response.end(bytes[0] === 0x7b ? JSON.stringify(withNulls(JSON.parse(bytes.toString()))) : bytes);
    });
    atEnd(close);
    const people = openPeople({ ...config, port: Number(new URL(url).port) });
    const { group: _, ...alone } = order;
    const [registration, update] = [new Order(), new Order()];
    const steps = [
      await people.register({ ...alone, group: null }, registration.attempt()),
      await people.updatePhoto({ personId: order.personId, name: null, photo: otherFace }, update.attempt()),
      update.kept && (await people.undo(update.kept, update.undoing())),
      registration.kept && (await people.undo(registration.kept, registration.undoing())),
    ];
    expect(steps).toEqual(steps.map(() => ({ state: "done", note: null })));
    expect(library.find(order.personId)).toBeUndefined();
  });
});
