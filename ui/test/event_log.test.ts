import { describe, expect, test } from "vitest";

import { EventLog, filtered, type EntryFilter, type Told } from "../src/model/event_log.ts";
import { Watch } from "../src/model/watch.ts";

const ALL: EntryFilter = { flow: null, nodes: null, level: null, text: "" };

function told(value: unknown, rest: Partial<Told> = {}): Told {
  return { kind: "debug", at: 1, flow: "a", node: "seen", data: { value }, ...rest };
}

describe("the event log", () => {
  test("keeps the newest and no more than so many", () => {
    const log = new EventLog(10);
    log.take(Array.from({ length: 25 }, (_, number) => told(number)));
    log.take([told(25)]);
    expect(log.entries.map((entry) => entry.data["value"])).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  });

  test("stands still while it is paused, and says how far behind it is", () => {
    const log = new EventLog();
    log.take([told(1)]);
    log.pause();
    log.take([told(2), told(3)]);
    expect(log.entries).toHaveLength(1);
    expect(log.behind).toBe(2);
    log.resume();
    expect(log.entries).toHaveLength(3);
  });

  test("is filtered by flow, node, level and text", () => {
    const log = new EventLog();
    log.take([told("Boiler"), told(2, { flow: "b" }), told(3, { node: "sub/inner" }), told(4, { kind: "error" })]);
    const values = (filter: Partial<EntryFilter>) =>
      filtered(log.entries, { ...ALL, ...filter }).map((entry) => entry.data["value"]);
    expect(values({ flow: "b" })).toEqual([2]);
    expect(values({ nodes: new Set(["sub"]) })).toEqual([3]);
    expect(values({ level: "error" })).toEqual([4]);
    expect(values({ text: "boil" })).toEqual(["Boiler"]);
  });
});

describe("what is watched", () => {
  test("takes what is told again after a lost connection only once", () => {
    const watch = new Watch(() => 0);
    watch.connected();
    watch.take([told(1, { at: 1 }), told(2, { at: 2 })], 0);
    watch.connected();
    watch.take([told(1, { at: 1 }), told(2, { at: 2 }), told(3, { at: 3 })], 0);
    expect(watch.messages.entries.map((entry) => entry.data["value"])).toEqual([1, 2, 3]);
  });

  test("lets a status that was told count more than one that was read before", () => {
    const watch = new Watch(() => 0);
    watch.take([told(0, { kind: "status", at: 5, data: { text: "new", level: "ok" } })], 0);
    watch.setStatuses("a", [["seen", { text: "old", level: "ok" }], ["other", { text: "there", level: "ok" }]], 4);
    expect([...watch.statuses("a")].map(([node, status]) => [node, status.text])).toEqual([
      ["seen", "new"],
      ["other", "there"],
    ]);
  });
});
