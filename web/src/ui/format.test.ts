import { expect, it } from "vitest";
import { ago, bytes, count, duration, memory } from "./format";

it("bytes are short and never show 1000 of a unit", () => {
  expect([0, 999, 1000, 1536, 99_960, 999_600, 52_428_800].map(bytes)).toEqual(["0 B", "999 B", "1 kB", "1.5 kB", "100 kB", "1 MB", "52.4 MB"]);
});

it("durations never show 60 s", () => {
  expect([0.4, 31, 999, 1000, 1530, 59_949, 59_990, 75_000].map(duration)).toEqual(["0 ms", "31 ms", "999 ms", "1 s", "1.5 s", "59.9 s", "1 min", "1 min 15 s"]);
});

it("memory is in MiB as limits are", () => {
  expect([9_646_899, 268_435_456].map(memory)).toEqual(["9.2 MiB", "256 MiB"]);
});

it("times are told from now", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(["2026-11-21T11:59:40Z", "2026-11-21T11:50:00Z", "2026-11-21T07:00:00Z", "2026-11-20T11:00:00Z", "2026-11-18T12:00:00Z"].map((at) => ago(at, now))).toEqual([
    "just now",
    "10 min ago",
    "5 h ago",
    "yesterday",
    "3 days ago",
  ]);
  expect(ago("2026-10-01T12:00:00Z", now)).toBe("1 Oct 2026");
});

it("one is one", () => {
  expect([count(0, "task"), count(1, "task"), count(2, "task")]).toEqual(["0 tasks", "1 task", "2 tasks"]);
});
