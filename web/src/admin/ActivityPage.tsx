import { useInfiniteQuery } from "@tanstack/react-query";
import { ActivityList } from "../account/ActivityList";
import { adminAuditQuery } from "../api/queries";
import { Page } from "../shell/Page";
import { AdminOnly } from "./AdminOnly";

/** What was done with all accounts of this server. */
export function ActivityPage() {
  return (
    <AdminOnly>
      <AllActivity />
    </AdminOnly>
  );
}

function AllActivity() {
  const audit = useInfiniteQuery(adminAuditQuery);
  return (
    <Page title="Activity" intro="Sign-ins and changes to accounts, by everybody on this server.">
      <ActivityList audit={audit} />
    </Page>
  );
}
