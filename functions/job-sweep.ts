import { awsJobSweep } from "@gatepost/aws/jobs";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsJobSweep(awsRuntime());
