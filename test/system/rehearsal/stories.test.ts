import { isUtf8 } from "node:buffer";
import { minuteMs } from "@gatepost/protocol";
import { afterAll, beforeAll, expect } from "vitest";
import { gatewayBody } from "../../standins/gateway-body.ts";
import { company } from "../blackbox/company.ts";
import { consoleAsks } from "../blackbox/console-asks.ts";
import { envelopes } from "../blackbox/envelopes.ts";
import { factorPolicyAfterwards } from "../blackbox/factor-policy.ts";
import { passkeys } from "../blackbox/passkeys.ts";
import { people } from "../blackbox/people.ts";
import { reservedPaths } from "../blackbox/reserved-paths.ts";
import { taught } from "../blackbox/taught.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { copyOfUploads, rehearseHere, whereRehearsable } from "./started.ts";

const runtime = "the synthesised deployment";

whereRehearsable(() => {
  /** The deployment of all stories but one: each looks at its own boxes, and the first counts on an empty store. */
  let shared: Rehearsal;
  const ends: (() => Promise<unknown>)[] = [];

  const begin = async (variables: Record<string, string>) => {
    const { folder, remove } = await copyOfUploads();
    const rehearsal = await rehearseHere(folder, { variables, patience: 10 });
    ends.push(async () => {
      await rehearsal.stop();
      await remove();
      expect(rehearsal.refused).toEqual([]);
    });
    return rehearsal;
  };
  beforeAll(async () => {
    // As in production: hours of a month that has ended are kept.
    shared = await begin({ GATEPOST_RETENTION_DAYS: "90" });
  }, synthTimeoutMs);
  afterAll(async () => {
    for (const end of ends) await end();
  });
  const onShared = async () => ({ ...shared, stop: async () => {} });

  consoleAsks(runtime, onShared);
  reservedPaths(runtime, onShared);
  envelopes(runtime, onShared);
  people(runtime, onShared, { isHttps: true, isOneProcess: false });
  // At the address of the console: the distribution puts another host before the gateway.
  passkeys(runtime, async () => ({ ...(await onShared()), url: shared.console }), { isHttps: true });
  taught(runtime, async () => ({
    ...(await onShared()),
    // By then each process knows of a mapping.
    later: () => shared.later(minuteMs),
    spoils: (body, headers) => !(gatewayBody(body, headers).isBase64Encoded || isUtf8(body)),
  }));
  company(
    runtime,
    async ({ issuer, client: { id, secret } }) => {
      const provider = { ISSUER: issuer, CLIENT_ID: id, CLIENT_SECRET: secret };
      const variables = Object.entries(provider).map(([name, value]) => [`GATEPOST_OIDC_${name}`, value]);
      return { ...(await begin(Object.fromEntries(variables))), stop: async () => {} };
    },
    { isHttps: true },
  );
  factorPolicyAfterwards(runtime, async () => ({ ...(await begin({})), stop: async () => {} }), { isHttps: true });
});
