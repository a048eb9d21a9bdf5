import { onStandIns } from "../../standins/aws.ts";
import { company } from "../../system/blackbox/company.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  company(
    "AWS",
    async ({ issuer, client: { id, secret } }) => {
      const variables = {
        GATEPOST_OIDC_ISSUER: issuer,
        GATEPOST_OIDC_CLIENT_ID: id,
        GATEPOST_OIDC_CLIENT_SECRET: secret,
      };
      const deps = await runtimeOn(standIns, { variables });
      const running = await served(deps);
      const stop = async () => {
        await running.stop();
        await deps.close();
      };
      return { ...running, stop };
    },
    { isHttps: true },
  );
});
