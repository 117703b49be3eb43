import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../api/queries";
import { useUser } from "../shell/session";
import { ActivityList } from "./ActivityList";

/** What was done with one's own account. */
export function Activity() {
  const user = useUser();
  const audit = useInfiniteQuery(auditQuery);
  return (
    <section className="stack" aria-labelledby="activity">
      <h2 id="activity">Recent activity</h2>
      <ActivityList audit={audit} self={user?.email} />
    </section>
  );
}
