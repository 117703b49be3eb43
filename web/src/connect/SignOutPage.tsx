// An application has sent the person here to sign out. They are asked, unless it showed that they are signed in to it here.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { Link } from "wouter";
import { Gate } from "../account/Gate";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { logoutQuery } from "../api/queries";
import { forgetDrafts, saveDrafts } from "../labs/drafts";
import { signedOut } from "../shell/session";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";

export function SignOutPage({ handle }: { handle: string }) {
  const [left, setLeft] = useState(false);
  return left ? <SignedOut /> : <Ask handle={handle} onLeft={() => { setLeft(true); }} />;
}

/** Nothing of the person stays in this tab either. */
function SignedOut() {
  useEffect(signedOut, []);
  return (
    <Gate title="You are signed out" intro="Nobody is signed in to this server in this browser. You can close this page.">
      <Link href="/login" className="button" data-look="primary">
        Sign in
      </Link>
    </Gate>
  );
}

function Ask({ handle, onLeft }: { handle: string; onLeft: () => void }) {
  const request = useQuery(logoutQuery(handle));
  const go = (location: string | null | undefined) => {
    if (location == null) onLeft();
    else window.location.replace(location);
  };
  const leave = useMutation({
    mutationFn: async () => {
      await saveDrafts();
      return answer(api.POST("/api/v1/oauth/logouts/{handle}", { params: { path: { handle } } }), true);
    },
    onSuccess: ({ location }) => {
      forgetDrafts();
      go(location);
    },
  });
  const { mutate } = leave;
  const found = request.data;
  // Once: what is shown does not change any more.
  const begin = useEffectEvent(() => {
    if (found === undefined || found.asks) return;
    if (found.account == null) go(found.location);
    else mutate();
  });
  const known = found !== undefined;
  useEffect(() => {
    if (known) begin();
  }, [known]);

  if (request.error) {
    const gone = asProblem(request.error).status === 404;
    return (
      <Gate title={gone ? "This request is over" : "This cannot be shown"} intro={gone ? "It was answered already, or waited too long. You are as signed in as you were." : "Your answer has to wait."}>
        {!gone && <ProblemNote error={request.error} retry={() => void request.refetch()} />}
      </Gate>
    );
  }
  if (found?.asks !== true || leave.isSuccess) {
    return (
      <Gate title="Signing out" intro="One moment.">
        {leave.error ? <ProblemNote error={leave.error} retry={() => { mutate(); }} /> : <SkeletonRows rows={1} label="You are being signed out" />}
      </Gate>
    );
  }
  return (
    <Gate
      title="Sign out?"
      intro={
        <>
          {found.client_name == null ? "A page" : <strong>{found.client_name}</strong>} has sent you here to sign out. You are signed in as {found.account}.
        </>
      }
    >
      <p className="hint">Applications that you signed in to from this browser are told. What you have connected to act for you stays connected.</p>
      {leave.error && <ProblemNote error={leave.error} />}
      <div className="decision">
        <Link href="/" className="button">
          Stay signed in
        </Link>
        <Button look="primary" busy={leave.isPending} onClick={() => { mutate(); }}>
          Sign out
        </Button>
      </div>
    </Gate>
  );
}
