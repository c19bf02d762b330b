// How many calls a JSON-RPC body counts as. Knows methods and tools, not windows.

import type { Message, Payload } from "./jsonrpc.ts";
import type { Limit } from "./policy.ts";

/** Methods of MCP that cost nothing unless a limit says otherwise; a last `*` stands for any rest. */
export const FREE_METHODS: readonly string[] = ["initialize", "ping", "tools/list", "notifications/*"];

/**
 * Calls a body counts as under a limit; 0: nothing in it costs anything. A body whose calls cannot be known for certain
 * counts as the dearest there are; one without any is a request like any other, and counts as one.
 */
export function callsIn(
  { messages, isCertain }: Payload,
  { free = FREE_METHODS, tools = {} }: Limit,
): number {
  if (messages.length === 0) return 1;
  if (!isCertain) return messages.length * Math.max(1, ...Object.values(tools));
  return messages.reduce((calls, message) => calls + callsOf(message, free, tools), 0);
}

function callsOf(
  { method, tool, isSound }: Message,
  free: readonly string[],
  tools: NonNullable<Limit["tools"]>,
): number {
  const ofTool = tool !== undefined && Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  if (ofTool !== undefined) return ofTool;
  if (!isSound) return 1;
  // A response answers the server's own question.
  const isFree = method === undefined ? free.length > 0 : free.some((pattern) => covers(pattern, method));
  return isFree ? 0 : 1;
}

function covers(pattern: string, method: string): boolean {
  return pattern.endsWith("*") ? method.startsWith(pattern.slice(0, -1)) : method === pattern;
}
