// The frame of the pages on which a person decides: signed in, and nothing else around.
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { useLocation } from "wouter";
import { Gate } from "../account/Gate";
import { meQuery } from "../api/queries";
import type { User } from "../api/types";
import { asProblem } from "../api/problem";
import { guardSession } from "../shell/session";
import { ProblemNote } from "../ui/ProblemNote";

export function Signed({ children }: { children: (user: User) => ReactNode }) {
  const [, navigate] = useLocation();
  const me = useQuery(meQuery);
  useEffect(() => {
    guardSession((to) => {
      navigate(to, { replace: true });
    });
  }, [navigate]);
  if (me.data) return children(me.data);
  // Signed out: the sign-in page is on its way.
  if (!me.error || asProblem(me.error).status === 401) return null;
  return (
    <Gate title="Stoa cannot be reached" intro="Your decision has to wait a moment.">
      <ProblemNote error={me.error} retry={() => void me.refetch()} />
    </Gate>
  );
}
