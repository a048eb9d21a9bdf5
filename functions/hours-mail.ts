import { awsRuntime } from "@gatepost/aws";
import { awsHoursMail } from "@gatepost/aws/hours-mail";

export const handler = awsHoursMail(awsRuntime());
