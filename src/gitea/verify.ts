/** Webhook signatures: HMAC-SHA256 over the raw body, compared in constant time. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const PREFIXED_DIGEST = /^sha256=([0-9a-f]{64})$/;
const BARE_DIGEST = /^([0-9a-f]{64})$/;

/** The digest that came with a delivery; `undefined` when it is missing, empty (a hook without a secret) or malformed. */
export function digestFrom(headers: IncomingHttpHeaders): Buffer | undefined {
  const prefixed = headers["x-hub-signature-256"];
  const bare = headers["x-gitea-signature"] ?? headers["x-forgejo-signature"];
  const match =
    prefixed === undefined ? BARE_DIGEST.exec(bare?.toString() ?? "") : PREFIXED_DIGEST.exec(prefixed.toString());
  return match?.[1] === undefined ? undefined : Buffer.from(match[1], "hex");
}

/** True when the body was signed with one of the secrets. All of them are tried, so that time tells nothing. */
export function isSigned(body: Uint8Array, digest: Buffer, secrets: readonly string[]): boolean {
  const matches = secrets
    .filter((secret) => secret !== "")
    .map((secret) => timingSafeEqual(createHmac("sha256", secret).update(body).digest(), digest));
  return matches.includes(true);
}
