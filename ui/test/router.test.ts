import { describe, expect, test } from "vitest";

import { hrefOf, routeOf } from "../src/shell/router.ts";

describe("addresses of pages", () => {
  test("name the flows where they name nothing", () => {
    expect(routeOf("")).toEqual({ page: "flows", rest: [], query: {} });
    expect(routeOf("#/")).toEqual({ page: "flows", rest: [], query: {} });
  });

  test.each([
    ["devices", ["pump/7 ä%"], { tab: "commands", q: "a&b?c" }],
    ["flows", ["boiler"], {}],
  ])("are read as they are written: %s", (page, rest, query) => {
    expect(routeOf(hrefOf(page, rest, query))).toEqual({ page, rest, query });
  });

  test("may be anything that somebody types", () => {
    expect(routeOf("#/flows/%E0%A4%A").rest).toEqual(["%E0%A4%A"]);
  });
});
