import { useMutation } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import { Button } from "../ui/Button";
import { date } from "../ui/format";
import { toast } from "../ui/toasts";

/** The account is going: when, and how to stay. It stands on every page. */
export function Leaving({ at }: { at: string }) {
  const stay = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/me/erase")),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
      toast("good", "Your account stays.");
    },
    onError: (thrown) => {
      toast("bad", `It is still to be erased: ${asProblem(thrown).message}`);
    },
  });
  return (
    <div className="leaving" role="status">
      <p>
        <strong>Your account is erased on {date(at)}.</strong> Until then nothing is lost.
      </p>
      <Button busy={stay.isPending} onClick={() => { stay.mutate(); }}>
        Keep my account
      </Button>
    </div>
  );
}
