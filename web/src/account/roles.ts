import type { Role } from "../api/types";

const TEXTS: Record<Role, string> = {
  owner: "Owner: can do everything",
  admin: "Administrator: manages people and sees health",
  member: "Member: works with their own labs",
};

export const ROLE_NAMES: Record<Role, string> = { owner: "Owner", admin: "Administrator", member: "Member" };

export function roleText(role: Role): string {
  return TEXTS[role];
}
