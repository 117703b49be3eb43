import type { ReactNode } from "react";
import { NotFound } from "../shell/NotFound";
import { isAdmin, useUser } from "../shell/session";

/** The server refuses anyway; this only keeps a page from showing that refusal. */
export function AdminOnly({ children }: { children: ReactNode }) {
  return isAdmin(useUser()) ? children : <NotFound />;
}
