import { onAws } from "@gatepost/aws";
import { apiHandler } from "@gatepost/aws/api";
import { readsOnAws } from "@gatepost/aws/reads";

export const handler = apiHandler(readsOnAws(onAws()));
