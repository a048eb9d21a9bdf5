/** What an event of API Gateway says of a body. */
export interface GatewayBody {
  body: string;
  isBase64Encoded: boolean;
}

/**
 * The content types whose bodies an HTTP API hands over as text; all others, and bodies without a type, arrive as
 * base64. The documentation does not list them; others have measured this on an account (ministackorg/ministack#766).
 */
const textTypes = /^(?:text\/.*|application\/(?:json|javascript|xml))$/i;

/**
 * A body as an HTTP API hands it over (payload 2.0). Bytes of a text that are not UTF-8 are lost: U+FFFD replaces them.
 * That a body with a content encoding arrives as base64 is documented for load balancers, and assumed here.
 */
export function gatewayBody(bytes: Buffer, headers: Readonly<Record<string, string>>): GatewayBody {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  const isText = textTypes.test(type.trim()) && headers["content-encoding"] === undefined;
  return { body: bytes.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}
