// Ending the lock of an account with the link from a letter. It takes a click, as confirming an address does.
import { useMutation } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { BadLink } from "./BadLink";
import { useFragment } from "./fragment";
import { Gate } from "./Gate";

export function Unlock() {
  const token = useFragment("token");
  const unlock = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/unlock", { body: { token } }), true),
  });

  if (unlock.isSuccess) {
    return (
      <Gate title="Try again" intro="Your account takes its password again.">
        <div className="inline">
          <Link href="/login" className="button" data-look="primary">
            Sign in
          </Link>
          <Link href="/forgot" className="button">
            Choose a new password
          </Link>
        </div>
      </Gate>
    );
  }
  if (token === "" || (unlock.error && asProblem(unlock.error).code === "invalid_link")) {
    return (
      <BadLink cut={token === ""}>
        <p className="small muted">A lock ends by itself after a while, and with a new password.</p>
        <Link href="/login" className="button" data-look="primary">
          Sign in
        </Link>
      </BadLink>
    );
  }
  return (
    <Gate title="Was it you?" intro="If you mistyped your password, go on. If it was somebody else, close this page: nobody got in.">
      {unlock.error && <ProblemNote error={unlock.error} />}
      <Button look="primary" busy={unlock.isPending} onClick={() => { unlock.mutate(); }}>
        {unlock.isPending ? "Unlocking…" : "It was me: let me try again"}
      </Button>
    </Gate>
  );
}
