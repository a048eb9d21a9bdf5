import { awsRuntime, sweepLimits } from "@gatepost/aws";
import { awsCanary } from "@gatepost/aws/canary";

export const handler = awsCanary(awsRuntime(process.env, { limits: sweepLimits }));
