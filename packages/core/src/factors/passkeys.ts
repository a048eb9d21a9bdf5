import { type StoredCredential, transports } from "./factor.ts";

/** The name that devices show with a passkey. */
const serverName = "Gatepost";

/** EdDSA, ES256 and RS256: every device has one of them. */
const algorithms = [-8, -7, -257];

/** ms that a browser waits for its device. */
const timeout = 300_000;

/** The library is loaded when a passkey is first used: most people have none. */
const library = () => import("@simplewebauthn/server");
const helpers = () => import("@simplewebauthn/server/helpers");

/** The address at which passkeys of this server work: browsers bind them to its host, and sign its origin. */
export interface PasskeyPlace {
  host: string;
  origin: string;
}

/** The answer of a browser, after its device has made a passkey or signed with one. Texts of bytes are base64url. */
export interface SentCredential {
  id: string;
  rawId: string;
  type: "public-key";
  response: {
    clientDataJSON: string;
    attestationObject?: string | undefined;
    transports?: readonly string[] | undefined;
    authenticatorData?: string | undefined;
    signature?: string | undefined;
    userHandle?: string | null | undefined;
  };
}

/** The challenge that a browser was asked to sign, and the address of its page. */
interface Expected {
  challenge: string;
  place: PasskeyPlace;
}

type Known = readonly Pick<StoredCredential, "id" | "transports">[];

/** The options by which a browser makes a passkey: one that its device finds by itself, and that knows its person. */
export async function creationOptions(
  { id, label, name }: { id: string; label: string; name: string },
  { challenge, host, known }: { challenge: string; host: string; known: Known },
): Promise<object> {
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: serverName,
    rpID: host,
    userID: new Uint8Array(Buffer.from(id)),
    userName: label,
    userDisplayName: name,
    challenge: bytesOf(challenge),
    timeout,
    attestationType: "none",
    excludeCredentials: known.map(named),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: algorithms,
  });
}

/** The options by which a browser signs with one of these passkeys; with any of this host if none is given. */
export async function requestOptions(asked: { challenge: string; host: string; known: Known }): Promise<object> {
  const { challenge, host, known } = asked;
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: host,
    challenge: bytesOf(challenge),
    timeout,
    allowCredentials: known.map(named),
    userVerification: "required",
  });
}

/** The passkey that a browser has made. Throws an error that says why if it is not as it was asked for. */
export async function madePasskey(
  { id, rawId, type, response }: SentCredential,
  { challenge, place }: Expected,
): Promise<StoredCredential> {
  const { verifyRegistrationResponse } = await library();
  const { clientDataJSON, attestationObject = "" } = response;
  await requireOwnPage(clientDataJSON);
  await requireNoAttestation(attestationObject);
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: place.origin,
    expectedRPID: place.host,
    supportedAlgorithmIDs: algorithms,
  });
  if (!verified) throw new Error("the attestation is wrong");
  const { credential } = registrationInfo;
  if (credential.id !== id) throw new Error("the id is not the one that the device has signed");
  return {
    id,
    publicKey: Buffer.from(credential.publicKey).toString("base64url"),
    counter: credential.counter,
    transports: transports.filter((one) => response.transports?.includes(one) === true),
  };
}

/** The counter with which a passkey has signed. Throws an error that says why if it has not signed what was asked. */
export async function signedCounter(
  { id, rawId, type, response }: SentCredential,
  { challenge, place, known }: Expected & { known: StoredCredential },
): Promise<number> {
  const { verifyAuthenticationResponse } = await library();
  const { clientDataJSON, authenticatorData = "", signature = "" } = response;
  await requireOwnPage(clientDataJSON);
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: {
      id,
      rawId,
      type,
      response: { clientDataJSON, authenticatorData, signature },
      clientExtensionResults: {},
    },
    expectedChallenge: challenge,
    expectedOrigin: place.origin,
    expectedRPID: place.host,
    // The counter is compared when it is written.
    credential: { id: known.id, publicKey: bytesOf(known.publicKey), counter: 0 },
  });
  if (!verified) throw new Error("the signature is wrong");
  return authenticationInfo.newCounter;
}

/** Whether a counter is behind the one of before: then another device has signed with a copy. Devices without one send 0. */
export function isBehind(counter: number, before: number): boolean {
  return (counter > 0 || before > 0) && counter <= before;
}

/** The account that a passkey names, which it was given when it was made. It is not signed. */
export function accountNamedBy({ response: { userHandle } }: SentCredential): string | null {
  const id = Buffer.from(userHandle ?? "", "base64url").toString();
  return /^acc_[0-9a-f]{18}$/.test(id) ? id : null;
}

/** Throws if the page was in a frame of another site. */
async function requireOwnPage(clientDataJSON: string): Promise<void> {
  const { decodeClientDataJSON } = await helpers();
  if (decodeClientDataJSON(clientDataJSON).crossOrigin === true) throw new Error("the page is in a frame of another");
}

/**
 * Throws if a device proves its make by certificates. Nobody asked for them, and the library would fetch lists of revoked
 * ones from the addresses that they name.
 */
async function requireNoAttestation(attestationObject: string): Promise<void> {
  const { decodeAttestationObject, isoBase64URL } = await helpers();
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const [form, statement] = [decoded.get("fmt"), decoded.get("attStmt")];
  if (form !== "none" && (form !== "packed" || statement.get("x5c") !== undefined))
    throw new Error("an attestation was not asked for");
}

function named({ id, transports: by }: Known[number]) {
  return { id, transports: [...by] };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64url"));
}
