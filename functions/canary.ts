import { sweepLimits } from "@gatepost/aws";
import { awsCanary } from "@gatepost/aws/canary";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsCanary(awsRuntime(process.env, { limits: sweepLimits }));
