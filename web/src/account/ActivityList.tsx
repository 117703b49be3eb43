// What was done, by whom and from where, newest first.
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { AuditRow, Page } from "../api/types";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { actionText } from "./actions";

interface ActivityListProps {
  audit: UseInfiniteQueryResult<InfiniteData<Page<AuditRow>>>;
  /** Whose doings need no name: one's own. */
  self?: string | undefined;
}

export function ActivityList({ audit, self }: ActivityListProps) {
  const rows = audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {audit.error && <ProblemNote error={audit.error} retry={() => void audit.refetch()} />}
      <div className="card">
        {audit.isPending && <SkeletonRows rows={3} label="Activity is loading" />}
        {audit.data && rows.length === 0 && <p className="row muted small">Nothing yet. Sign-ins and changes to accounts will stand here.</p>}
        <ul className="rows">
          {rows.map((row) => (
            <li className="row activity" key={row.id}>
              <div className="grow">
                <p>{actionText(row.action)}</p>
                <p className="tiny muted dots">
                  {row.actor !== self && row.actor !== "nobody" && <span>by {row.actor === "house" ? "the server itself" : row.actor}</span>}
                  {row.subject != null && self === undefined && <span>{row.subject}</span>}
                  {row.ip != null && <span className="number">{row.ip}</span>}
                </p>
              </div>
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
    </>
  );
}
