// Everybody on this server, and what they may do.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Mail, ShieldOff, UserPlus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, usersQuery } from "../api/queries";
import type { AdminUser, Role } from "../api/types";
import { Cancelled, confirmed } from "../account/confirm";
import { ROLE_NAMES } from "../account/roles";
import { Page } from "../shell/Page";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { AddUserDialog } from "./AddUserDialog";
import { AdminOnly } from "./AdminOnly";
import { InviteDialog } from "./InviteDialog";
import { InviteList } from "./InviteList";

export function Users() {
  return (
    <AdminOnly>
      <UsersPage />
    </AdminOnly>
  );
}

function UsersPage() {
  const users = useInfiniteQuery(usersQuery);
  const [adding, setAdding] = useState(false);
  const [inviting, setInviting] = useState(false);
  const rows = users.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="People"
      intro="Everybody with an account on this server."
      actions={
        <>
          <Button icon={<UserPlus size={15} />} onClick={() => { setAdding(true); }}>
            Add a person
          </Button>
          <Button look="primary" icon={<Mail size={15} />} onClick={() => { setInviting(true); }}>
            Invite a person
          </Button>
        </>
      }
    >
      {users.error && <ProblemNote error={users.error} retry={() => void users.refetch()} />}
      <section className="card" aria-label="People">
        {users.isPending && <SkeletonRows rows={3} label="People are loading" />}
        <ul className="rows">
          {rows.map((user) => (
            <Row key={user.id} user={user} />
          ))}
        </ul>
      </section>
      {users.hasNextPage && (
        <div className="more">
          <Button busy={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>
            Show more people
          </Button>
        </div>
      )}
      <InviteList />
      {inviting && <InviteDialog onClose={() => { setInviting(false); }} />}
      {adding && <AddUserDialog onClose={() => { setAdding(false); }} />}
    </Page>
  );
}

function Row({ user }: { user: AdminUser }) {
  const me = useUser();
  const [asking, setAsking] = useState(false);
  const [resetting, setResetting] = useState(false);
  const change = useMutation({
    mutationFn: (patch: { role?: Role; disabled?: boolean }) =>
      answer(api.PATCH("/api/v1/admin/users/{id}", { params: { path: { id: user.id } }, body: patch })),
    onSettled: () => {
      setAsking(false);
      return queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });
    },
    onError: (thrown) => {
      toast("bad", `Not changed: ${asProblem(thrown).message}`);
    },
  });
  const reset = useMutation({
    mutationFn: () => {
      setResetting(false);
      return confirmed(() => answer(api.POST("/api/v1/admin/users/{id}/factors/reset", { params: { path: { id: user.id } } })));
    },
    onSuccess: () => {
      toast("good", `${user.display_name} signs in with the password alone, and can set up a new second step.`);
    },
    onError: (thrown) => {
      if (!(thrown instanceof Cancelled)) toast("bad", `Not reset: ${asProblem(thrown).message}`);
    },
  });
  const self = me?.id === user.id;
  // Owners are changed by owners only, and nobody changes themselves: a slip would lock one out.
  const fixed = self || (user.role === "owner" && me?.role !== "owner");
  const role = change.isPending ? (change.variables.role ?? user.role) : user.role;
  return (
    <li className="row user-row" data-disabled={user.disabled ? "" : undefined}>
      <span className="avatar" aria-hidden>
        {user.display_name.slice(0, 1).toUpperCase()}
      </span>
      <div className="grow">
        <p className="inline">
          <Link href={`/admin/users/${user.id}`} className="quiet-link">
            <strong>{user.display_name}</strong>
          </Link>
          {self && <span className="badge">You</span>}
          {user.disabled && (
            <span className="badge" data-tone="bad">
              Disabled
            </span>
          )}
        </p>
        <p className="tiny muted dots">
          <span>{user.email}</span>
          <span>{user.last_seen_at == null ? "never signed in" : <>active <Ago at={user.last_seen_at} /></>}</span>
        </p>
      </div>
      <div className="inline">
        {fixed ? (
          <span className="small muted">{ROLE_NAMES[user.role]}</span>
        ) : (
          <>
            <select className="input" aria-label={`Role of ${user.display_name}`} value={role} onChange={(event) => { change.mutate({ role: event.target.value as Role }); }}>
              {me?.role === "owner" && <option value="owner">{ROLE_NAMES.owner}</option>}
              <option value="admin">{ROLE_NAMES.admin}</option>
              <option value="member">{ROLE_NAMES.member}</option>
            </select>
            <Button look="quiet" icon={<ShieldOff size={15} />} label={`Reset the second step of ${user.display_name}`} busy={reset.isPending} onClick={() => { setResetting(true); }} />
            <Button
              busy={change.isPending}
              onClick={() => {
                if (user.disabled) change.mutate({ disabled: false });
                else setAsking(true);
              }}
            >
              {user.disabled ? "Enable" : "Disable"}
              <span className="visually-hidden"> {user.display_name}</span>
            </Button>
          </>
        )}
      </div>
      {resetting && (
        <Confirm title={`Reset the second step of ${user.display_name}?`} action="Reset" busy={reset.isPending} onConfirm={() => { reset.mutate(); }} onClose={() => { setResetting(false); }}>
          For someone who lost their phone and their keys. Their app, passkeys and backup codes are removed and they are signed out everywhere; their password alone signs them in. Be sure that it is them who asked.
        </Confirm>
      )}
      {asking && (
        <Confirm title={`Disable ${user.display_name}?`} action="Disable" busy={change.isPending} onConfirm={() => { change.mutate({ disabled: true }); }} onClose={() => { setAsking(false); }}>
          They are signed out everywhere at once and cannot sign in. Their labs stay. You can enable them again.
        </Confirm>
      )}
    </li>
  );
}
