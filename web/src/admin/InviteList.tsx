// Invitations that nobody has used yet, below the people.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Mail, Link as LinkIcon } from "lucide-react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { invitesQuery, queryClient } from "../api/queries";
import type { Invite } from "../api/types";
import { ROLE_NAMES } from "../account/roles";
import { Button } from "../ui/Button";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";

export function InviteList() {
  const invites = useInfiniteQuery(invitesQuery);
  const rows = invites.data?.pages.flatMap((page) => page.items) ?? [];
  if (invites.error) return <ProblemNote error={invites.error} retry={() => void invites.refetch()} />;
  if (rows.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="invites">
      <h2 id="invites">Invited</h2>
      <div className="card">
        <ul className="rows">
          {rows.map((invite) => (
            <Row key={invite.id} invite={invite} />
          ))}
        </ul>
      </div>
      {invites.hasNextPage && (
        <div className="more">
          <Button busy={invites.isFetchingNextPage} onClick={() => void invites.fetchNextPage()}>
            Show more invitations
          </Button>
        </div>
      )}
    </section>
  );
}

function Row({ invite }: { invite: Invite }) {
  const Icon = invite.email == null ? LinkIcon : Mail;
  const name = invite.email ?? "A link that was handed over";
  const withdraw = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/admin/invites/{id}", { params: { path: { id: invite.id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey }),
    onError: (thrown) => {
      toast("bad", `Not taken back: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <Icon size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{name}</strong>
        </p>
        <p className="tiny muted dots">
          <span>{ROLE_NAMES[invite.role]}</span>
          <span>
            invited <Ago at={invite.created_at} />
          </span>
          <span>good until {date(invite.expires_at)}</span>
        </p>
      </div>
      <Button busy={withdraw.isPending} onClick={() => { withdraw.mutate(); }}>
        Take back<span className="visually-hidden"> the invitation: {name}</span>
      </Button>
    </li>
  );
}
