import { awsRuntime } from "@gatepost/aws";
import { awsBoxSweep } from "@gatepost/aws/boxes";

export const handler = awsBoxSweep(awsRuntime());
