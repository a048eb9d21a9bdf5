import { onStandIns } from "../../standins/aws.ts";
import { company } from "../../system/blackbox/company.ts";
import { servedOn } from "./served.ts";

onStandIns((standIns) => {
  company(
    "AWS",
    async ({ issuer, client: { id, secret } }) => {
      const variables = {
        GATEPOST_OIDC_ISSUER: issuer,
        GATEPOST_OIDC_CLIENT_ID: id,
        GATEPOST_OIDC_CLIENT_SECRET: secret,
      };
      return (await servedOn(standIns, { variables })).running;
    },
    { isHttps: true },
  );
});
