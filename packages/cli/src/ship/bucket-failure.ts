import { Failure, sayWhy } from "../failure.ts";

const unreachable = /^(?:ECONN\w+|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|TimeoutError)$/;
const refused = /^(?:AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|Forbidden|403)$/;
const elsewhere = /^(?:NoSuchBucket|PermanentRedirect|AuthorizationHeaderMalformed)$/;

/** Why a bucket cannot be used, in one line that says what to do. */
export function bucketFailure(error: unknown, place: string): Failure {
  return new Failure(`cannot use ${place}: ${whyOf(error)}`, { cause: error });
}

function whyOf(error: unknown): string {
  const said = sayWhy(error);
  if (said === "Region is missing") return "no region is set; set AWS_REGION";
  const names = error instanceof Error ? [error.name, "code" in error ? String(error.code) : ""] : [];
  const is = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (is(/^CredentialsProviderError$/))
    return "no credentials are set; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  if (is(unreachable)) return `it cannot be reached (${said}); look at AWS_ENDPOINT_URL_S3 and at the network`;
  if (is(refused)) return `it refuses this key (${said}); look at AWS_ACCESS_KEY_ID and at what the key may do`;
  if (is(elsewhere)) return `there is no such bucket (${said}); look at its name and at AWS_REGION`;
  return said;
}
