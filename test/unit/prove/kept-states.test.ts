import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { checkKept } from "../../../prove/power/kept-state.ts";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";

const folder = fileURLToPath(new URL("../../fixtures/power-loss/", import.meta.url));

describe("a state of the disk that was kept", () => {
  it.each(readdirSync(folder))("%s has everything that was answered", async (name) => {
    const root = await temporaryFolder();
    expect(await checkKept(`${folder}${name}`, root.path)).toEqual([]);
    await root.remove();
  });

  it("a kept state with more answers than data fails", async () => {
    const [name = ""] = readdirSync(folder);
    const state = z
      .looseObject({ standings: z.array(z.json()) })
      .parse(JSON.parse(gunzipSync(readFileSync(`${folder}${name}`)).toString()));
    const claim = { kind: "passing", person: "nobody", report: "history", pictures: {}, wantAction: null };
    const operation = { claims: [claim], begunAt: 0, port: null, isAnswered: true, request: null };
    const root = await temporaryFolder();
    const file = `${root.path}/state.json.gz`;
    writeFileSync(
      file,
      gzipSync(JSON.stringify({ ...state, standings: [...state.standings, { operation, progress: "answered" }] })),
    );
    expect(await checkKept(file, `${root.path}/root`)).toEqual(["nobody is lost", "sent again: nobody is lost"]);
    await root.remove();
  });
});
