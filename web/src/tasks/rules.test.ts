import { describe, expect, it } from "vitest";
import { choices, fromInput, isUsual, toInput } from "./rules";

const monday = new Date(2026, 0, 5, 17, 30);

describe("a recurrence", () => {
  it("is offered on the task's own days", () => {
    const texts = choices(monday).map((choice) => choice.text);
    expect(texts).toContain("Every Monday");
    expect(texts).toContain("Every month on day 5");
    expect(isUsual("FREQ=WEEKLY;BYDAY=MO", monday)).toBe(true);
    expect(isUsual("FREQ=WEEKLY;BYDAY=TU", monday)).toBe(false);
  });
});

describe("a time in a form", () => {
  it("comes back as it went", () => {
    expect(toInput(monday.toISOString())).toBe("2026-01-05T17:30");
    expect(fromInput("2026-01-05T17:30")).toBe(monday.toISOString());
    expect([toInput(null), fromInput(""), fromInput("soon")]).toEqual(["", null, null]);
  });
});
