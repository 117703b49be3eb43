export type Tab = "tasks" | "report" | "runs";

export function isTab(name: string): name is Tab {
  return name === "tasks" || name === "report" || name === "runs";
}

export function tabPath(labId: string, tab: Tab): string {
  return tab === "tasks" ? `/labs/${labId}` : `/labs/${labId}/${tab}`;
}
