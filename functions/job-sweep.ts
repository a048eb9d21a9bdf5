import { awsRuntime } from "@gatepost/aws";
import { awsJobSweep } from "@gatepost/aws/jobs";

export const handler = awsJobSweep(awsRuntime());
