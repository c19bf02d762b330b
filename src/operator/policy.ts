// The policy as weir understood it, for programs to read: everything with its default, in a policy's own notations.

import type { Adjustment, KeySource, Limit, Policy } from "../core/policy.ts";
import { windowText } from "../core/window.ts";
import { routeText } from "../policy/describe.ts";
import { answers } from "./answers.ts";
import { type Operation, ok, operation } from "./operation.ts";

/** The operations on the policy. */
export function policyOperations(): Operation[] {
  return [
    operation(
      {
        method: "GET",
        path: "/policy",
        operationId: "getPolicy",
        summary: "The policy in force, as weir understood it",
        description: "Every field with its default; times in milliseconds, or null where there is no bound.",
        success: ok(answers.anything, "The policy."),
      },
      async ({ desk: { rules } }) => policyText(rules.policy),
    ),
  ];
}

function policyText({ keyFrom, limits, tiers, ...rest }: Policy) {
  return {
    ...rest,
    keyFrom: keyFrom.map(sourceText),
    limits: limits.map(limitText),
    tiers: Object.fromEntries(
      [...tiers].map(([tier, changes]) => [
        tier,
        Object.fromEntries([...changes].map(([limit, change]) => [limit, adjustmentText(change)])),
      ]),
    ),
  };
}

function limitText({ match, windows, ...rest }: Limit) {
  return { ...rest, match: match.map(routeText), windows: windows.map(windowText) };
}

function adjustmentText({ windows, ...rest }: Adjustment) {
  return { ...rest, ...(windows && { windows: windows.map(windowText) }) };
}

function sourceText(source: KeySource): string {
  return source.in === "bearer" ? "bearer" : `${source.in}:${source.name}`;
}
