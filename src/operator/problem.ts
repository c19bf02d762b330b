// What the operator's API answers where it cannot do what it was asked: RFC 9457 problem details, with every problem of
// the request at once. Never repeats a key or a token.

import type { Header } from "../core/headers.ts";
import { answerAtEdge } from "../gate/answer.ts";
import type { Problem } from "../policy/problems.ts";

/** Statuses the API refuses with, and their phrases (RFC 9110, section 15). */
export const PROBLEM_TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  503: "Service Unavailable",
} as const;

/** A status the API refuses with. */
export type ProblemStatus = keyof typeof PROBLEM_TITLES;

/** Thrown where a call goes no further. */
export class OperatorProblem extends Error {
  readonly status: ProblemStatus;
  /** What is wrong in the request, and where. */
  readonly problems: readonly Problem[];
  readonly headers: readonly Header[];

  /** @param detail what happened and what helps, in a sentence. */
  constructor(
    status: ProblemStatus,
    detail: string,
    { problems = [], headers = [] }: { problems?: readonly Problem[]; headers?: readonly Header[] } = {},
  ) {
    super(detail);
    this.status = status;
    this.problems = problems;
    this.headers = headers;
  }
}

/** The answer that a problem is. */
export function answerProblem(
  request: Request,
  { status, message, problems, headers }: OperatorProblem,
): Response {
  const body = {
    type: "about:blank",
    title: PROBLEM_TITLES[status],
    status,
    detail: message,
    ...(problems.length > 0 && { problems }),
  };
  const contentType = "application/problem+json";
  return answerAtEdge(request, { status, contentType, body: JSON.stringify(body), headers });
}

/** The problem of a request that says something wrong. */
export function invalid(problems: readonly Problem[]): OperatorProblem {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new OperatorProblem(400, `The request has ${count}; nothing was changed.`, { problems });
}
