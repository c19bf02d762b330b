import { describe, expect, it } from "vitest";
import { fieldsOf } from "../../../src/gate/fields.ts";

describe("fieldsOf", () => {
  it("reads every field by its lower-case name, one that came twice as one", () => {
    const headers = new Headers({ "X-API-Key": "k", Accept: "*/*" });
    headers.append("accept", "text/html");
    expect([...fieldsOf({ headers })]).toEqual([
      ["accept", "*/*, text/html"],
      ["x-api-key", "k"],
    ]);
  });

  it("has nothing where nothing was sent", () => {
    expect(fieldsOf({ headers: new Headers() }).get("x-api-key")).toBeUndefined();
  });
});
