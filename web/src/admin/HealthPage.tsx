// Whether everything this server depends on works, looked at every ten seconds.
import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "../api/queries";
import { Page } from "../shell/Page";
import { duration, fullTime } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import type { components } from "../api/schema";
import { StatusIcon } from "../labs/StatusIcon";
import type { Tone } from "../labs/status";
import { AdminOnly } from "./AdminOnly";

type CheckState = components["schemas"]["CheckState"];

const TONES: Record<CheckState, Tone> = { ok: "good", degraded: "warn", failing: "bad" };
const WORDS: Record<CheckState, string> = { ok: "Works", degraded: "Degraded", failing: "Fails" };

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
  const failing = checks.filter((check) => check.status === "failing").length;
  const tone = TONES[health.data?.status ?? "ok"];
  return (
    <Page title="Health" intro="What this server depends on, looked at every ten seconds.">
      {health.error && <ProblemNote error={health.error} retry={() => void health.refetch()} />}
      {health.data && (
        <p className="note" data-tone={tone} role="status">
          <StatusIcon tone={tone} />
          <strong>{tone === "good" ? "Everything works." : tone === "warn" ? "Everything works, but something is slow or late." : failing === 1 ? "One thing does not work." : `${String(failing)} things do not work.`}</strong>
        </p>
      )}
      <section className="card" aria-label="Checks">
        {health.isPending && <SkeletonRows label="Checks are loading" />}
        <ul className="rows">
          {checks.map((check) => (
            <li className="row" key={check.name}>
              <StatusIcon tone={TONES[check.status]} label={WORDS[check.status]} />
              <div className="grow">
                <p>
                  <strong>{check.name.replace(/_/g, " ")}</strong>
                </p>
                <p className="tiny muted dots">
                  {check.detail != null && check.detail !== "" && <span>{check.detail}</span>}
                  <span>
                    {`${WORDS[check.status].toLowerCase()} since`} <time dateTime={check.since}>{fullTime(check.since)}</time>
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
