// The frame of every page, and what all pages are given. Draws; asks nobody.

import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type { Env } from "../env.ts";
import type { CompiledRules } from "../policy/rules.ts";
import { ICON_FILE, SCRIPT_FILE, STYLE_FILE } from "./assets.ts";

/** The console's pages, as its navigation has them. */
export const SECTIONS = {
  overview: "Overview",
  keys: "Keys",
  accounts: "Accounts",
  blocks: "Blocks",
  policy: "Policy",
  audit: "Audit log",
} as const;

/** One of them. */
export type Section = keyof typeof SECTIONS;

/** Somebody at the console, and what pages need of where they are. */
export interface Seat {
  /** The label in the audit log. */
  readonly who: string;
  /** What every form of theirs carries. */
  readonly token: string;
  /** True where they can sign out here: not with Access, which does that itself. */
  readonly canSignOut: boolean;
}

/** What the console's handlers find in their context. */
export interface ConsoleEnv {
  readonly Bindings: Env;
  readonly Variables: {
    /** At the door alone: takes back what the attempt to sign in was charged. */
    readonly forgive: () => Promise<void>;
    readonly rules: CompiledRules;
    /** Path of the console, without a trailing slash. */
    readonly base: string;
    /** What signs cookies and forms. */
    readonly key: ArrayBuffer;
    readonly seat: Seat;
  };
}

/** Context of a handler. */
export type ConsoleContext = Context<ConsoleEnv>;

/** Answers with a page of somebody who is signed in. */
export function showPage(
  context: ConsoleContext,
  { section, title, status = 200 }: { section: Section; title: string; status?: 200 | 400 | 404 },
  content: Child,
): Response | Promise<Response> {
  const { base, seat } = context.var;
  return answer(
    context,
    <Document base={base} title={title}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href={`${base}/overview`}>
          weir
        </a>
        <nav aria-label="Console">
          {Object.entries(SECTIONS).map(([name, label]) => (
            <a href={`${base}/${name}`} aria-current={name === section ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        {seat.canSignOut && (
          <form method="post" action={`${base}/sign-out`} class="sign-out">
            <FormToken seat={seat} />
            <button type="submit" class="quiet">
              Sign out
            </button>
          </form>
        )}
      </header>
      <main id="main" tabindex={-1}>
        {content}
      </main>
    </Document>,
    status,
  );
}

/** Answers with a page of nobody: to sign in, or why that is not possible. */
export function showDoor(
  context: ConsoleContext,
  { title, status }: { title: string; status: 200 | 400 | 401 | 403 | 404 | 413 | 429 | 503 },
  content: Child,
): Response | Promise<Response> {
  return answer(
    context,
    <Document base={context.var.base} title={title}>
      <main id="main" class="door">
        <p class="brand">weir</p>
        {content}
      </main>
    </Document>,
    status,
  );
}

/** Answers where there is no such page. */
export function showNothing(context: ConsoleContext): Response | Promise<Response> {
  return showDoor(
    context,
    { title: "Not found", status: 404 },
    <div class="card stack">
      <h1>Nothing is here</h1>
      <p>
        <a href={`${context.var.base}/overview`}>To the overview</a>
      </p>
    </div>,
  );
}

/** What makes a form one of the console's own. */
export function FormToken({ seat }: { seat: Seat }) {
  return <input type="hidden" name="form-token" value={seat.token} />;
}

function answer(context: ConsoleContext, document: Child, status: number): Response | Promise<Response> {
  context.status(status as 200);
  return context.html(`<!doctype html>${document}`);
}

function Document({ base, title, children }: { base: string; title: string; children?: Child }) {
  const asset = (file: string) => `${base}/assets/${file}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · weir`}</title>
        <link rel="icon" href={asset(ICON_FILE)} type="image/svg+xml" />
        <link rel="stylesheet" href={asset(STYLE_FILE)} />
        <script type="module" src={asset(SCRIPT_FILE)} />
      </head>
      <body>{children}</body>
    </html>
  );
}
