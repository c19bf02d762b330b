// What the limits page says of refusals: each that this policy can give, as the code that refuses makes it.

import { withCallers } from "../core/jsonrpc.ts";
import type { Policy } from "../core/policy.ts";
import { type RefusalAnswer, refusalAnswer } from "../core/refusal-answer.ts";
import { type Case, casesOf } from "./causes.ts";
import { headerLines } from "./headers.ts";
import { enforced } from "./limits.ts";
import { type Block, code, paragraph, type Section, sentences, type Text, text } from "./page.ts";

/** Phrases of statuses (RFC 9110, section 15; RFC 6585, section 4). */
const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Those that tell most of the policy itself. */
const OPEN: ReadonlySet<Case["cause"]> = new Set(["rate", "blocked"]);

/** Every refusal, each with its whole answer. */
export function refusalsSection(policy: Policy): Section {
  const blocks = casesOf(enforced(policy), policy).map((one) => exampleOf(one, policy));
  const intro = text`A refusal has a status and a body as below; the figures are an example. A refused request never reached the API and counts for nothing; only one with a 502 or 504 may have done both.`;
  return { id: "refusals", title: "Refusals", blocks: [paragraph(intro), ...blocks] };
}

function exampleOf({ cause, when, facts }: Case, policy: Policy): Block {
  const answer = refusalAnswer(cause, { ...facts, policy });
  const callers = { ids: [1], isBatch: false };
  const isForCalls = facts.limits?.some(({ protocol }) => protocol === "jsonrpc") ?? false;
  const { body } = refusalAnswer(cause, { ...facts, policy, callers, isForCalls });
  const told = JSON.stringify(body);
  const isRpc = told !== JSON.stringify(answer.body);
  const isSame = told === JSON.stringify(withCallers(answer.body, callers));
  return {
    kind: "example",
    title: `${answer.status} ${PHRASES[answer.status] ?? ""}`.trim(),
    when: isRpc ? sentences(when, isSame ? rpc() : text`A JSON-RPC call gets ${code(told)}.`) : when,
    code: onTheWire(answer),
    isOpen: OPEN.has(cause),
  };
}

function rpc(): Text {
  return text`The answer to a JSON-RPC call has its ${code("id")} and ${code("jsonrpc")} as well.`;
}

function onTheWire({ status, contentType, headers, body }: RefusalAnswer): string {
  const start = `HTTP/1.1 ${status} ${PHRASES[status] ?? ""}`.trim();
  const head = headerLines([["Content-Type", contentType], ...headers]);
  return `${start}\n${head}\n\n${JSON.stringify(body, null, 2)}`;
}
