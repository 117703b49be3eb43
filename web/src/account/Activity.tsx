// What was done with this account, by whom and from where.
import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../api/queries";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { actionText } from "./actions";

export function Activity() {
  const user = useUser();
  const audit = useInfiniteQuery(auditQuery);
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="stack" aria-labelledby="activity">
      <h2 id="activity">Recent activity</h2>
      {audit.error && <ProblemNote error={audit.error} retry={() => void audit.refetch()} />}
      <div className="card">
        {audit.isPending && <SkeletonRows rows={3} label="Activity is loading" />}
        {audit.data && rows.length === 0 && <p className="row muted small">Nothing yet. Sign-ins and changes to your account will stand here.</p>}
        <ul className="rows">
          {rows.map((row) => (
            <li className="row activity" key={row.id}>
              <span className="grow">
                {actionText(row.action)}
                {row.actor.includes("@") && row.actor !== user?.email && <span className="tiny muted"> by {row.actor}</span>}
              </span>
              {row.ip != null && <span className="tiny muted number">{row.ip}</span>}
              <span className="tiny muted when">
                <Ago at={row.at} />
              </span>
            </li>
          ))}
        </ul>
      </div>
      {audit.hasNextPage && (
        <div className="more">
          <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            Show older activity
          </Button>
        </div>
      )}
    </section>
  );
}
