// Which tokens of Cloudflare Access let somebody in.

import { sign } from "hono/jwt";
import { beforeAll, describe, expect, test } from "vitest";
import { identityIn } from "../../../src/console/access.ts";

const application = { team: "acme", audience: "the-console" };
const claims = { aud: ["the-console"], iss: "https://acme.cloudflareaccess.com", email: "ada@example.com" };

let ours: CryptoKeyPair;
let theirs: CryptoKeyPair;
let keys: Parameters<typeof identityIn>[2];

beforeAll(async () => {
  [ours, theirs] = await Promise.all([pair(), pair()]);
  keys = [
    { ...(await crypto.subtle.exportKey("jwk", ours.publicKey)), kid: "1", alg: "RS256" },
  ] as typeof keys;
});

function pair(): Promise<CryptoKeyPair> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

async function token(payload: object, by: CryptoKeyPair = ours): Promise<string> {
  const jwk = { ...(await crypto.subtle.exportKey("jwk", by.privateKey)), kid: "1", alg: "RS256" };
  return sign(
    { exp: Math.floor(Date.now() / 1_000) + 60, ...payload },
    jwk as Parameters<typeof sign>[1],
    "RS256",
  );
}

describe("identityIn", () => {
  test("is who the token is about, by mail, service or subject", async () => {
    expect(await identityIn(await token(claims), application, keys)).toBe("access ada@example.com");
    const service = { ...claims, email: undefined, common_name: "nightly.access" };
    expect(await identityIn(await token(service), application, keys)).toBe("access nightly.access");
  });

  test.each([
    ["of another application", { ...claims, aud: ["another"] }],
    ["of another team", { ...claims, iss: "https://globex.cloudflareaccess.com" }],
    ["that has expired", { ...claims, exp: 1_000 }],
    ["that never expires", { ...claims, exp: undefined }],
    ["about nobody", { ...claims, email: "" }],
  ])("is nobody for a token %s", async (_, payload) => {
    expect(await identityIn(await token(payload), application, keys)).toBeUndefined();
  });

  test("is nobody for a token that somebody else signed, or that is none", async () => {
    expect(await identityIn(await token(claims, theirs), application, keys)).toBeUndefined();
    const [header = "", payload] = (await token(claims)).split(".");
    expect(await identityIn(`${header}.${payload}.`, application, keys)).toBeUndefined();
    const unsigned = btoa(JSON.stringify({ alg: "none", typ: "JWT", kid: "1" })).replaceAll("=", "");
    expect(await identityIn(`${unsigned}.${payload}.`, application, keys)).toBeUndefined();
    expect(await identityIn("nonsense", application, keys)).toBeUndefined();
  });
});
