import { sweepLimits } from "@gatepost/aws";
import { awsBoxSweep } from "@gatepost/aws/boxes";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsBoxSweep(awsRuntime(process.env, { limits: sweepLimits }));
