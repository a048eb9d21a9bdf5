import { awsHoursMail } from "@gatepost/aws/hours-mail";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsHoursMail(awsRuntime());
