import { describe, expect, it } from "vitest";
import { echoOf, freshKey, weirUnder } from "../harness.ts";

const guarded = weirUnder({ ORIGIN_SECRET: "proof" });

describe("ORIGIN_SECRET", () => {
  it.each([
    ["a metered request", "/few/x", { key: freshKey() }],
    ["a request that no limit governs", "/free", {}],
    [
      "a preflight",
      "/few/x",
      {
        method: "OPTIONS",
        headers: { origin: "https://app.example", "access-control-request-method": "GET" },
      },
    ],
  ])("goes to the origin with %s", async (_, path, asking) => {
    const { headers } = await echoOf(await guarded(path, asking));
    expect(headers["x-weir-secret"]).toBe("proof");
  });

  it("is never the client's own", async () => {
    const forged = { headers: { "x-weir-secret": "forged" } };
    expect((await echoOf(await guarded("/free", forged))).headers["x-weir-secret"]).toBe("proof");
    expect((await echoOf(await weirUnder({})("/free", forged))).headers).not.toHaveProperty("x-weir-secret");
  });
});
