// The document on the limits page: its policy is sound, and its page says what it says.

import { expect, it } from "vitest";
import document from "../../../docs/limits-page.md?raw";
import { pageOfToml } from "./policies.ts";

it("docs/limits-page.md has a policy whose page names the API, the note and whom to ask", () => {
  const [, toml = ""] = /```toml\n(.*?)```/s.exec(document) ?? [];
  const page = pageOfToml(toml.replace(/^/, "[vars]\n"));
  for (const words of [
    "# Example API: rate limits",
    "Cache answers for five minutes.",
    "example.com/support",
  ])
    expect(page).toContain(words);
});
