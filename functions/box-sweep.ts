import { awsRuntime, sweepLimits } from "@gatepost/aws";
import { awsBoxSweep } from "@gatepost/aws/boxes";

export const handler = awsBoxSweep(awsRuntime(process.env, { limits: sweepLimits }));
