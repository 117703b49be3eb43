// Confirming an address. It takes a click: whatever looks at links in mail before people do must not use it up.
import { useMutation } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { BadLink } from "./BadLink";
import { useFragment } from "./fragment";
import { Gate } from "./Gate";

export function Verify() {
  const token = useFragment("token");
  const confirm = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/email/verify", { body: { token } }), true),
  });
  const code = confirm.error ? asProblem(confirm.error).code : null;

  if (confirm.data) {
    return (
      <Gate title="Your account is ready" intro={<>Sign in as <strong>{confirm.data.email}</strong> with the password you chose.</>}>
        <Link href="/login" className="button" data-look="primary">
          Sign in
        </Link>
      </Gate>
    );
  }
  if (token === "" || code === "invalid_link" || code === "email_taken") {
    return (
      <BadLink cut={token === ""}>
        <p className="small muted">Perhaps you confirmed already: then sign in. Else sign up once more.</p>
        <div className="inline">
          <Link href="/login" className="button" data-look="primary">
            Sign in
          </Link>
          <Link href="/signup" className="button">
            Sign up
          </Link>
        </div>
      </BadLink>
    );
  }
  return (
    <Gate title="Confirm your address" intro="That makes your account. If you did not ask for one, close this page.">
      {confirm.error && <ProblemNote error={confirm.error} />}
      <Button look="primary" busy={confirm.isPending} onClick={() => { confirm.mutate(); }}>
        {confirm.isPending ? "Confirming…" : "Confirm my address"}
      </Button>
    </Gate>
  );
}
