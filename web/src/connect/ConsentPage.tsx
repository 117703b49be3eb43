// An application has sent the person here: allow it, or not.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Cancelled, confirmed } from "../account/confirm";
import { Gate } from "../account/Gate";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { consentQuery } from "../api/queries";
import type { User } from "../api/types";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Asked } from "./Asked";
import { Signed } from "./Signed";

export function ConsentPage({ handle }: { handle: string }) {
  return <Signed>{(user) => <Decide handle={handle} user={user} />}</Signed>;
}

function Decide({ handle, user }: { handle: string; user: User }) {
  const request = useQuery(consentQuery(handle));
  const decide = useMutation({
    mutationFn: (allow: boolean) => {
      const path = { params: { path: { handle } } };
      if (!allow) return answer(api.POST("/api/v1/oauth/requests/{handle}/deny", path));
      const permit = () => answer(api.POST("/api/v1/oauth/requests/{handle}/allow", path));
      return request.data?.reauthenticate === true ? confirmed(permit, true) : permit();
    },
    onSuccess: ({ location }) => {
      window.location.assign(location);
    },
  });
  if (request.error) {
    const gone = asProblem(request.error).status === 404;
    return (
      <Gate title={gone ? "This request is over" : "This cannot be shown"} intro={gone ? "It was decided already, or waited too long. Start again in the application." : "Your decision has to wait."}>
        {!gone && <ProblemNote error={request.error} retry={() => void request.refetch()} />}
      </Gate>
    );
  }
  if (!request.data) {
    return (
      <Gate title="Connect an application" intro="One moment.">
        <SkeletonRows rows={3} label="The request is loading" />
      </Gate>
    );
  }
  const { client, allowed_before } = request.data;
  const going = decide.isPending || decide.isSuccess;
  return (
    <Gate
      title={`Connect ${client.name}?`}
      intro={allowed_before ? "You have allowed this before. It asks again because it cannot prove that it is the same." : "It wants to act for you on this server. You can disconnect it at any time."}
    >
      <Asked request={request.data} user={user} />
      {decide.error && !(decide.error instanceof Cancelled) && <ProblemNote error={decide.error} />}
      <div className="decision">
        <Button disabled={going} onClick={() => { decide.mutate(false); }}>
          Cancel
        </Button>
        <Button look="primary" busy={going} onClick={() => { decide.mutate(true); }}>
          Allow
        </Button>
      </div>
    </Gate>
  );
}
