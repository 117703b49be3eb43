// What the pages read, each under one key. Pages never name a path themselves.
import { infiniteQueryOptions, notifyManager, QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api, versioned } from "./client";
import { Problem } from "./problem";
import type { Lab, RunState } from "./types";

// A change shows before the next frame: a timer, as is usual, would let a ticked box jump back for a moment.
notifyManager.setScheduler(queueMicrotask);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (count, thrown) => count < 2 && !(thrown instanceof Problem && thrown.status >= 400 && thrown.status < 500),
    },
  },
});

const PAGE = 50;
const WHOLE = 200;

function after(cursor: string | null): { limit: number; after?: string } {
  return cursor === null ? { limit: PAGE } : { limit: PAGE, after: cursor };
}

const nextOf = (page: { next?: string | null | undefined }): string | null => page.next ?? null;

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me", { signal })),
  staleTime: 60_000,
});

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/setup", { signal }), true),
});

export const signupQuery = queryOptions({
  queryKey: ["signup"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/signup", { signal }), true),
});

export const upstreamsQuery = queryOptions({
  queryKey: ["upstreams"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/upstreams", { signal }), true),
  staleTime: 5 * 60_000,
});

export const myUpstreamsQuery = queryOptions({
  queryKey: ["my-upstreams"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/upstreams", { signal })),
});

export const labsQuery = infiniteQueryOptions({
  queryKey: ["labs"],
  queryFn: ({ signal, pageParam }) => answer(api.GET("/api/v1/labs", { params: { query: after(pageParam) }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some((lab) => lab.state === "parsing")) ? 2_000 : false,
});

export function labQuery(id: string) {
  return queryOptions({
    queryKey: ["lab", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/labs/{id}", { params: { path: { id } }, signal })),
    // Live events are the usual way; this slow look finds what a lost stream missed.
    refetchInterval: (query) => (isBusy(query.state.data) ? 3_000 : false),
  });
}

export function isBusy(lab: Lab | undefined): boolean {
  if (!lab) return false;
  return lab.state === "parsing" || lab.tasks.some((task) => isUnderWay(task.last_run?.state));
}

export function isUnderWay(state: RunState | undefined): boolean {
  return state === "queued" || state === "running";
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/runs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => (isUnderWay(query.state.data?.state) ? 2_000 : false),
  });
}

export function labRunsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ["lab", id, "runs"],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET("/api/v1/labs/{id}/runs", { params: { path: { id }, query: after(pageParam) }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: nextOf,
  });
}

export function reportsQuery(id: string) {
  return queryOptions({
    queryKey: ["lab", id, "reports"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/labs/{id}/reports", { params: { path: { id }, query: { limit: PAGE } }, signal })),
    refetchInterval: (query) => (query.state.data?.items.some((report) => report.state === "building") ? 2_000 : false),
  });
}

// The first of the ranking: where there is nothing to do, that is an empty list and no failure.
export const nextTaskQuery = queryOptions({
  queryKey: ["tasks", "next"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/next", { params: { query: { limit: 1 } }, signal })),
  refetchInterval: 60_000,
});

export const taskSettingsQuery = queryOptions({
  queryKey: ["tasks", "settings"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/settings", { signal })),
  staleTime: 300_000,
});

export function quickParseQuery(text: string) {
  return queryOptions({
    queryKey: ["tasks", "parse", text],
    queryFn: ({ signal }) => answer(api.POST("/api/v1/tasks/quick/parse", { body: { text }, signal })),
    retry: false,
  });
}

export interface TodoFilter {
  tag?: string;
  project?: string;
  q?: string;
}

export function todosQuery(status: "open" | "snoozed" | "completed", filter: TodoFilter = {}) {
  return infiniteQueryOptions({
    queryKey: ["tasks", "list", status, filter],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET("/api/v1/tasks", { params: { query: { status, sort: status === "completed" ? "created" : "due", ...filter, ...after(pageParam) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: nextOf,
  });
}

export const tagsQuery = queryOptions({
  queryKey: ["tasks", "tags"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/tags", { signal })),
});

export const projectsQuery = queryOptions({
  queryKey: ["tasks", "projects"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/projects", { signal })),
});

// What may come before a task: the newest that are open. More are found by searching.
export function openTodosQuery(q: string) {
  return queryOptions({
    queryKey: ["tasks", "open", q],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks", { params: { query: { status: "open", limit: 20, ...(q === "" ? {} : { q }) } }, signal })),
  });
}

export function todoQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/{id}", { params: { path: { id } }, signal })),
  });
}

/** What became of its reminders. */
export function todoRemindersQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id, "reminders"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/{id}/reminders", { params: { path: { id } }, signal })),
  });
}

/** The same with its version, to be changed. */
export function editedTodoQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "edited", id],
    queryFn: ({ signal }) => versioned(api.GET("/api/v1/tasks/{id}", { params: { path: { id } }, signal })),
  });
}

// The first of the ranking, to show what other weights would do to them.
export const rankingQuery = queryOptions({
  queryKey: ["tasks", "ranking"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/next", { params: { query: { limit: 20 } }, signal })),
});

export const feedsQuery = queryOptions({
  queryKey: ["tasks", "feeds"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/tasks/feeds", { signal })),
});

export const languagesQuery = queryOptions({
  queryKey: ["languages"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/languages", { signal })),
  staleTime: Infinity,
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/sessions", { params: { query: { limit: WHOLE } }, signal })),
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/connections", { params: { query: { limit: WHOLE } }, signal })),
});

export function consentQuery(handle: string) {
  return queryOptions({
    queryKey: ["consent", handle],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/oauth/requests/{handle}", { params: { path: { handle } }, signal })),
    staleTime: Infinity,
  });
}

export function logoutQuery(handle: string) {
  return queryOptions({
    queryKey: ["signout", handle],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/oauth/logouts/{handle}", { params: { path: { handle } }, signal })),
    staleTime: Infinity,
  });
}

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/tokens", { params: { query: { limit: WHOLE } }, signal })),
});

export const factorsQuery = queryOptions({
  queryKey: ["factors"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/factors", { signal })),
});

export const exportsQuery = queryOptions({
  queryKey: ["exports"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/export", { signal })),
  refetchInterval: (query) => (query.state.data?.items.some((one) => one.state === "building") ? 1_000 : false),
});

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/jobs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: 1_000,
  });
}

export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/me/passkeys", { params: { query: { limit: WHOLE } }, signal })),
});

export const auditQuery = infiniteQueryOptions({
  queryKey: ["audit"],
  queryFn: ({ signal, pageParam }) =>
    answer(api.GET("/api/v1/me/audit", { params: { query: { ...after(pageParam), limit: 20 } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
});

export const adminAuditQuery = infiniteQueryOptions({
  queryKey: ["admin audit"],
  queryFn: ({ signal, pageParam }) => answer(api.GET("/api/v1/admin/audit", { params: { query: after(pageParam) }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
});

export const usersQuery = infiniteQueryOptions({
  queryKey: ["users"],
  queryFn: ({ signal, pageParam }) => answer(api.GET("/api/v1/admin/users", { params: { query: after(pageParam) }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
});

export function userQuery(id: string) {
  return queryOptions({
    queryKey: ["user", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/users/{id}", { params: { path: { id } }, signal })),
  });
}

export function userSessionsQuery(id: string) {
  return queryOptions({
    queryKey: ["user", id, "sessions"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/users/{id}/sessions", { params: { path: { id }, query: { limit: WHOLE } }, signal })),
  });
}

export function userConnectionsQuery(id: string) {
  return queryOptions({
    queryKey: ["user", id, "connections"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/users/{id}/connections", { params: { path: { id }, query: { limit: WHOLE } }, signal })),
  });
}

export function userTokensQuery(id: string) {
  return queryOptions({
    queryKey: ["user", id, "tokens"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/users/{id}/tokens", { params: { path: { id }, query: { limit: WHOLE } }, signal })),
  });
}

export function userAuditQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ["user", id, "audit"],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET("/api/v1/admin/users/{id}/audit", { params: { path: { id }, query: { ...after(pageParam), limit: 20 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: nextOf,
  });
}

export const clientsQuery = queryOptions({
  queryKey: ["clients"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/clients", { signal })),
});

export const invitesQuery = infiniteQueryOptions({
  queryKey: ["invites"],
  queryFn: ({ signal, pageParam }) => answer(api.GET("/api/v1/admin/invites", { params: { query: after(pageParam) }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
});

export const mailQuery = infiniteQueryOptions({
  queryKey: ["mail"],
  queryFn: ({ signal, pageParam }) => answer(api.GET("/api/v1/admin/mail", { params: { query: after(pageParam) }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: nextOf,
});

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/admin/health", { signal })),
  refetchInterval: 10_000,
});
