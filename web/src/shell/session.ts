// Who is signed in. The session itself is a cookie that no script can read; this is only the person it stands for.
import { useQuery } from "@tanstack/react-query";
import { answer, api, whenSignedOut } from "../api/client";
import { meQuery, queryClient } from "../api/queries";
import type { User } from "../api/types";
import { forgetDrafts, saveDrafts } from "../labs/drafts";
import { forgetLiveJobs } from "../labs/live";
import { forgetUploads } from "../labs/uploads";

export function useUser(): User | undefined {
  return useQuery(meQuery).data;
}

export function isAdmin(user: User | undefined): boolean {
  return user?.role === "owner" || user?.role === "admin";
}

/** Where to come back to after signing in: only a path of our own. */
export function safeReturn(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : "/";
}

/** The address that an application expects somebody to sign in with, where they are sent back to it. */
export function expectedEmail(next: string): string {
  return next.startsWith("/authorize/") ? (new URLSearchParams(next.split("?")[1]).get("login_hint") ?? "") : "";
}

export function loginPath(from: string): string {
  return from === "/" || from.startsWith("/login") ? "/login" : `/login?next=${encodeURIComponent(from)}`;
}

function forget(): void {
  forgetLiveJobs();
  forgetUploads();
  queryClient.clear();
}

// Whose unsaved texts this tab may hold.
let typist: string | null = null;

export function begin(user: User): void {
  forget();
  if (typist !== null && typist !== user.id) forgetDrafts();
  void saveDrafts();
  queryClient.setQueryData(meQuery.queryKey, user);
}

/** Pages for people who are not signed in. */
const PUBLIC = ["/login", "/setup", "/signup", "/verify", "/forgot", "/reset", "/unlock"];

/** Sends whoever lost the session to the sign-in page, and back afterwards. */
export function guardSession(navigate: (path: string) => void): void {
  whenSignedOut(() => {
    typist = queryClient.getQueryData(meQuery.queryKey)?.id ?? typist;
    const { pathname, search } = window.location;
    if (PUBLIC.includes(pathname)) return;
    navigate(loginPath(pathname + search));
    forget();
  });
}

/** The session has ended elsewhere: nothing of it stays in this tab. */
export function signedOut(): void {
  forgetDrafts();
  forget();
}

export async function signOut(navigate: (path: string) => void): Promise<void> {
  await saveDrafts();
  await answer(api.POST("/api/v1/auth/logout"));
  forgetDrafts();
  navigate("/login");
  forget();
}
