// The ways in and out: signing in with the operator's token, or through Cloudflare Access where that is configured. Wrong
// tokens are limited by address.

import type { Next } from "hono";
import { addressOf } from "../core/address.ts";
import { UNKNOWN_ADDRESS } from "../gate/visitor.ts";
import { guardStub } from "../objects/stubs.ts";
import { tokenLabel } from "../operator/authenticate.ts";
import { type AccessApplication, admittedBy } from "./access.ts";
import { type ConsoleContext, type Seat, showDoor } from "./page.tsx";
import { closeSession, formToken, isFormToken, openSession, readSession } from "./session.ts";

/** Lets nobody further who is not signed in, and no form that is not one of theirs. */
export async function requireSeat(context: ConsoleContext, next: Next): Promise<Response | undefined> {
  const { req, var: vars } = context;
  const access = accessOf(context);
  const who = access ? await admittedBy(req.raw, access) : await readSession(context, vars.key);
  if (who === undefined) {
    if (access) return showDoor(context, { title: "No access", status: 403 }, <NoAccess />);
    const wanted = req.method === "GET" && !isFetched(req.raw) ? req.path.slice(vars.base.length) : "";
    if (isFetched(req.raw)) return context.body(null, 401);
    return context.redirect(
      `${vars.base}/sign-in${wanted === "" ? "" : `?to=${encodeURIComponent(wanted)}`}`,
      303,
    );
  }
  const seat: Seat = { who, token: await formToken(vars.key, who), canSignOut: access === undefined };
  if (req.method === "POST") {
    const form = await formOf(context);
    if (form === undefined) return showNoForm(context);
    if (!isFormToken(form["form-token"], seat.token)) {
      return showDoor(context, { title: "Form expired", status: 403 }, <Expired base={vars.base} />);
    }
  }
  context.set("seat", seat);
  await next();
}

/** The form to sign in. */
export function showSignIn(context: ConsoleContext): Response | Promise<Response> {
  if (accessOf(context)) return context.redirect(`${context.var.base}/overview`, 303);
  const to = context.req.query("to") ?? "";
  return showDoor(context, { title: "Sign in", status: 200 }, <SignIn base={context.var.base} to={to} />);
}

/** Lets no address try more tokens than its limit allows, whatever it sends. */
export async function knock(context: ConsoleContext, next: Next): Promise<Response | undefined> {
  const { env, req, var: vars } = context;
  const { base, rules } = vars;
  if (accessOf(context)) return showDoor(context, { title: "No access", status: 403 }, <NoAccess />);
  const connecting = req.header("cf-connecting-ip") ?? null;
  const address = addressOf(connecting, rules.policy.ipv6Prefix) ?? UNKNOWN_ADDRESS;
  const guard = guardStub(env, address);
  const [op = 0] = crypto.getRandomValues(new Uint32Array(1));
  // Charged first, so that no number of attempts at once gets past it.
  const decision = await guard.knock(address, op);
  if (!decision.admitted) {
    const afterS = Math.ceil((decision.retryAfterMs ?? 0) / 1_000);
    context.header("Retry-After", String(afterS));
    const problem = `Too many wrong tokens from this address. Try again in ${afterS} s.`;
    return showDoor(
      context,
      { title: "Sign in", status: 429 },
      <SignIn base={base} to="" problem={problem} />,
    );
  }
  context.set("forgive", () => guard.cancel(op, address));
  await next();
}

/** Signs in whoever has the operator's token. */
export async function signIn(context: ConsoleContext): Promise<Response> {
  const { env, var: vars } = context;
  const { base, key, forgive } = vars;
  const form = await formOf(context);
  if (form === undefined) return showNoForm(context);
  const [given, to] = [textOf(form.token), textOf(form.to)];
  const who = await tokenLabel(given, env.ADMIN_TOKEN ?? "");
  if (who === undefined) {
    const problem = "This is not the operator's token.";
    return showDoor(
      context,
      { title: "Sign in", status: 401 },
      <SignIn base={base} to={to} problem={problem} />,
    );
  }
  await forgive();
  await openSession(context, key, who, base);
  return context.redirect(`${base}${isOwnPage(to) ? to : "/overview"}`, 303);
}

/** Signs out. */
export function signOut(context: ConsoleContext): Response {
  closeSession(context, context.var.base);
  return context.redirect(`${context.var.base}/sign-in`, 303);
}

function accessOf({ env }: ConsoleContext): AccessApplication | undefined {
  const { ACCESS_TEAM: team, ACCESS_AUD: audience } = env;
  return team && audience ? { team, audience } : undefined;
}

/** True for what the script asks for, which no sign-in page is of use to. */
function isFetched({ headers }: Request): boolean {
  return headers.get("sec-fetch-dest") === "empty";
}

/** Only a path below the console: never a way to another site. */
function isOwnPage(to: string): boolean {
  return /^\/[a-z]+(?:\/[\w.:@+~%-]+)?$/.test(to);
}

/** What a form says; undefined where the body is none, or breaks off. */
async function formOf({ req }: ConsoleContext): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return await req.parseBody();
  } catch {
    return undefined;
  }
}

function showNoForm(context: ConsoleContext): Response | Promise<Response> {
  return showDoor(context, { title: "No form", status: 400 }, <NoForm />);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function SignIn({ base, to, problem }: { base: string; to: string; problem?: string }) {
  return (
    <form method="post" action={`${base}/sign-in`} class="card stack">
      <h1>Sign in</h1>
      {problem !== undefined && (
        <p class="problem" role="alert" id="problem">
          {problem}
        </p>
      )}
      <input type="hidden" name="to" value={to} />
      <label for="token">Operator's token</label>
      <input
        id="token"
        name="token"
        type="password"
        required
        autofocus
        autocomplete="current-password"
        aria-describedby={problem === undefined ? undefined : "problem"}
      />
      <button type="submit">Sign in</button>
      <p class="hint">
        The secret <code>ADMIN_TOKEN</code> of this Worker. You stay signed in for 8 hours.
      </p>
    </form>
  );
}

function NoAccess() {
  return (
    <div class="card stack">
      <h1>No access</h1>
      <p>This console is entered through Cloudflare Access, and this request did not come through it.</p>
    </div>
  );
}

function NoForm() {
  return (
    <div class="card stack">
      <h1>This is no form</h1>
      <p>What was sent breaks off, or is not what it says it is, so nothing was changed.</p>
    </div>
  );
}

function Expired({ base }: { base: string }) {
  return (
    <div class="card stack">
      <h1>This form is no longer yours</h1>
      <p>It was made for another session, so nothing was changed.</p>
      <p>
        <a href={`${base}/overview`}>Back to the overview</a>
      </p>
    </div>
  );
}
