// Cloudflare Access in front of the console: reads who Access let in from the token it adds to each request. Trusts no
// header that is not signed by the team's own keys.

import { verifyWithJwks } from "hono/jwt";

/** How long the team's keys are remembered, in milliseconds. Access rotates them every six weeks and announces them before. */
const REMEMBERED_MS = 600_000;

/** Which application of which team. */
export interface AccessApplication {
  readonly team: string;
  readonly audience: string;
}

type Jwk = NonNullable<Parameters<typeof verifyWithJwks>[1]["keys"]>[number];

const remembered = new Map<string, { readonly keys: readonly Jwk[]; readonly at: number }>();

/** Whom Access let in: the label that the audit log shows. Undefined where it let nobody in. */
export async function admittedBy(
  request: Pick<Request, "headers">,
  application: AccessApplication,
): Promise<string | undefined> {
  const token = request.headers.get("cf-access-jwt-assertion");
  if (token === null) return undefined;
  return identityIn(token, application, await keysOf(application.team));
}

/** Who a token is about; undefined where it is not valid now, for this application, by one of these keys. */
export async function identityIn(
  token: string,
  { team, audience }: AccessApplication,
  keys: readonly Jwk[],
): Promise<string | undefined> {
  try {
    const verification = { aud: audience, iss: issuerOf(team) };
    const options = { keys: [...keys], verification, allowedAlgorithms: ["RS256"] as const };
    const { exp, email, common_name: service, sub } = await verifyWithJwks(token, options);
    if (exp === undefined) return undefined;
    const name = [email, service, sub].find((one) => typeof one === "string" && one !== "");
    return name === undefined ? undefined : `access ${name}`;
  } catch {
    // Whatever is wrong with a token, it lets nobody in.
    return undefined;
  }
}

async function keysOf(team: string): Promise<readonly Jwk[]> {
  const known = remembered.get(team);
  if (known !== undefined && Date.now() - known.at < REMEMBERED_MS) return known.keys;
  const answer = await fetch(`${issuerOf(team)}/cdn-cgi/access/certs`);
  if (!answer.ok) throw new Error(`Cloudflare Access answered ${answer.status} for the keys of its team`);
  const { keys } = await answer.json<{ keys: Jwk[] }>();
  remembered.set(team, { keys, at: Date.now() });
  return keys;
}

function issuerOf(team: string): string {
  return `https://${team}.cloudflareaccess.com`;
}
