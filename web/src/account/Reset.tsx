// Choosing a new password with the link from a letter.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { BadLink } from "./BadLink";
import { useFragment } from "./fragment";
import { Gate } from "./Gate";
import { PasswordField } from "./PasswordField";

export function Reset() {
  const token = useFragment("token");
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/password/reset", { body: { token, password } }), true),
  });
  const problem = reset.error ? asProblem(reset.error) : null;

  if (reset.isSuccess) {
    return (
      <Gate title="Your password is changed" intro="Every browser is signed out. Sign in with the new one.">
        <Link href="/login" className="button" data-look="primary">
          Sign in
        </Link>
      </Gate>
    );
  }
  if (token === "" || problem?.code === "invalid_link") {
    return (
      <BadLink cut={token === ""}>
        <Link href="/forgot" className="button" data-look="primary">
          Ask for a new link
        </Link>
      </BadLink>
    );
  }
  return (
    <Gate title="Choose a new password" intro="Then every browser is signed out, and a letter tells you so.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate();
        }}
      >
        {problem && <ProblemNote error={problem} />}
        {/* For password managers: they know whose it is. */}
        <input type="text" name="username" autoComplete="username" defaultValue="" readOnly hidden />
        <PasswordField label="New password" value={password} onValue={setPassword} wrong={problem?.field("password")} />
        <Button type="submit" look="primary" busy={reset.isPending}>
          {reset.isPending ? "Changing…" : "Change the password"}
        </Button>
      </form>
    </Gate>
  );
}
