import { expect, test } from "vitest";

import { EventLog } from "../src/model/event_log.ts";
import { newestAt, Pins, type Pin } from "../src/model/pins.ts";

const PIN: Pin = { flow: "f", node: "seen", root: "$.payload", path: ["list", 0] };

test("a pin finds the newest message that has its place", () => {
  const log = new EventLog();
  const told = (value: unknown, path = "$.payload") => ({ kind: "debug", at: 1, flow: "f", node: "seen", data: { value, path } });
  log.take([told({ list: [1] }), told({ list: [2] }), told({ list: [] }), told({ list: [3] }, "$")]);
  expect(newestAt(PIN, log.entries)?.value).toBe(2);
});

test("a pin that is set again is gone", () => {
  const pins = new Pins();
  pins.turn(PIN);
  pins.turn({ ...PIN, path: ["list", 1] });
  pins.turn(PIN);
  expect(pins.all.map((one) => one.path)).toEqual([["list", 1]]);
});
