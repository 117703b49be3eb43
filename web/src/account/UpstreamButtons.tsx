// The buttons of other providers, where there are any.
import { useMutation, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { upstreamsQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { leaveFor } from "./upstreams";

interface UpstreamButtonsProps {
  /** The page to come to afterwards. */
  returnTo: string;
  invite?: string;
  /** Only these, with nothing before them. */
  only?: ReadonlySet<string>;
}

export function UpstreamButtons({ returnTo, invite = "", only }: UpstreamButtonsProps) {
  const upstreams = useQuery(upstreamsQuery);
  const leave = useMutation({ mutationFn: (name: string) => leaveFor(name, returnTo, invite) });
  const offered = upstreams.data?.items.filter(({ name }) => only?.has(name) ?? true) ?? [];
  if (offered.length === 0) return null;
  // After it went well the browser is leaving: a second press would begin another attempt.
  const away = leave.isPending || leave.isSuccess;
  return (
    <section className="providers" aria-label="Other ways in">
      {!only && (
        <p className="or tiny muted" aria-hidden>
          or
        </p>
      )}
      {leave.error && <ProblemNote error={leave.error} />}
      {offered.map(({ name, label }) => (
        <Button
          key={name}
          icon={<LogIn size={15} />}
          busy={away && leave.variables === name}
          disabled={away}
          onClick={() => {
            leave.mutate(name);
          }}
        >
          Continue with {label}
        </Button>
      ))}
    </section>
  );
}
