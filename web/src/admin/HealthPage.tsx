// Whether everything this server depends on works, looked at every ten seconds.
import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "../api/queries";
import { Page } from "../shell/Page";
import { duration, fullTime } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { StatusIcon } from "../labs/StatusIcon";
import { AdminOnly } from "./AdminOnly";

export function HealthPage() {
  return (
    <AdminOnly>
      <Health />
    </AdminOnly>
  );
}

function Health() {
  const health = useQuery(healthQuery);
  const checks = health.data?.checks ?? [];
  const failing = checks.filter((check) => check.status !== "ok").length;
  return (
    <Page title="Health" intro="What this server depends on, looked at every ten seconds.">
      {health.error && <ProblemNote error={health.error} retry={() => void health.refetch()} />}
      {health.data && (
        <p className="note" data-tone={failing === 0 ? "good" : "bad"} role="status">
          <StatusIcon tone={failing === 0 ? "good" : "bad"} />
          <strong>{failing === 0 ? "Everything works." : failing === 1 ? "One thing does not work." : `${String(failing)} things do not work.`}</strong>
        </p>
      )}
      <section className="card" aria-label="Checks">
        {health.isPending && <SkeletonRows label="Checks are loading" />}
        <ul className="rows">
          {checks.map((check) => (
            <li className="row" key={check.name}>
              <StatusIcon tone={check.status === "ok" ? "good" : "bad"} label={check.status === "ok" ? "Works" : "Fails"} />
              <div className="grow">
                <p>
                  <strong>{check.name.replace(/_/g, " ")}</strong>
                </p>
                <p className="tiny muted dots">
                  {check.detail != null && check.detail !== "" && <span>{check.detail}</span>}
                  <span>
                    {check.status === "ok" ? "works since" : "fails since"} <time dateTime={check.since}>{fullTime(check.since)}</time>
                  </span>
                </p>
              </div>
              <span className="small muted number">{check.latency_ms < 1 ? "under 1 ms" : duration(check.latency_ms)}</span>
            </li>
          ))}
        </ul>
      </section>
    </Page>
  );
}
