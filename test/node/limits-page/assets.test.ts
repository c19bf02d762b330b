// What the limits page loads is what its sources make.

import { expect, it } from "vitest";
import { assetsOfLimitsPage } from "../../../scripts/assets-of-limits-page.ts";
import * as committed from "../../../src/limits-page/assets.ts";

it("src/limits-page/assets.ts is what `npm run limits-page:assets` writes", async () => {
  expect({ ...committed }).toEqual(await assetsOfLimitsPage());
});
