import { expect, it } from "vitest";
import { nameOf } from "./shortcuts";

const press = (key: string, mods: Partial<KeyboardEvent> = {}) =>
  nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...mods });

it("keys are named as shortcuts write them", () => {
  expect(press("r")).toBe("r");
  expect(press("R", { shiftKey: true })).toBe("Shift+R");
  expect(press("k", { metaKey: true })).toBe("Mod+k");
  expect(press("k", { ctrlKey: true })).toBe("Mod+k");
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("ArrowUp", { altKey: true })).toBe("Alt+ArrowUp");
  expect(press("Shift", { shiftKey: true })).toBeNull();
});
