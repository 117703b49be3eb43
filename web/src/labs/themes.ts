import { isDark } from "../shell/theme";

export type Theme = "editor_dark" | "editor_light" | "terminal_dark" | "terminal_light";

export const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "editor_dark", label: "Editor, dark" },
  { value: "editor_light", label: "Editor, light" },
  { value: "terminal_dark", label: "Terminal, dark" },
  { value: "terminal_light", label: "Terminal, light" },
];

export function themeLikePage(): Theme {
  return isDark() ? "editor_dark" : "editor_light";
}
