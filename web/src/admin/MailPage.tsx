// The outbox: letters that were sent, and those that wait for somebody to hand their links over.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { mailQuery } from "../api/queries";
import type { Letter } from "../api/types";
import { Page } from "../shell/Page";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { fullTime } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { AdminOnly } from "./AdminOnly";

const STATES = {
  queued: ["Waits", "none"],
  sent: ["Sent", "good"],
  kept: ["No mail server", "none"],
  failed: ["Not sent", "bad"],
} as const;

export function MailPage() {
  return (
    <AdminOnly>
      <Outbox />
    </AdminOnly>
  );
}

function Outbox() {
  const mail = useInfiniteQuery(mailQuery);
  const rows = mail.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Mail" intro="Letters to people here. What could not be sent can be handed over.">
      {mail.error && <ProblemNote error={mail.error} retry={() => void mail.refetch()} />}
      {mail.isSuccess && rows.length === 0 ? (
        <Empty icon={<Mail size={28} aria-hidden />} title="No letters yet">
          Invitations, forgotten passwords and notices show up here.
        </Empty>
      ) : (
        <section className="card" aria-label="Letters">
          {mail.isPending && <SkeletonRows rows={3} label="Letters are loading" />}
          <ul className="rows">
            {rows.map((letter) => (
              <Row key={letter.id} letter={letter} />
            ))}
          </ul>
        </section>
      )}
      {mail.hasNextPage && (
        <div className="more">
          <Button busy={mail.isFetchingNextPage} onClick={() => void mail.fetchNextPage()}>
            Show older letters
          </Button>
        </div>
      )}
    </Page>
  );
}

function Row({ letter }: { letter: Letter }) {
  const me = useUser();
  const [reading, setReading] = useState(false);
  const [text, tone] = STATES[letter.state];
  const take = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/admin/mail/{id}/link", { params: { path: { id: letter.id } } })),
    onError: (thrown) => {
      toast("bad", `No link: ${asProblem(thrown).message}`);
    },
  });
  const subject = letter.subject ?? "A letter that is nobody else's business";
  return (
    <li className="row">
      <Mail size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p className="inline">
          <strong>{subject}</strong>
          <span className="badge" data-tone={tone}>
            {text}
          </span>
        </p>
        <p className="tiny muted dots">
          <span>{letter.to}</span>
          <span>
            <Ago at={letter.created_at} />
          </span>
          {letter.problem != null && <span>{letter.problem}</span>}
        </p>
      </div>
      <div className="inline">
        {letter.text != null && (
          <Button onClick={() => { setReading(true); }}>
            Read<span className="visually-hidden"> {subject} to {letter.to}</span>
          </Button>
        )}
        {letter.link && me?.role === "owner" && (
          <Button busy={take.isPending} onClick={() => { take.mutate(); }}>
            Take the link<span className="visually-hidden"> for {letter.to}</span>
          </Button>
        )}
      </div>
      {reading && letter.text != null && (
        <Dialog title={subject} onClose={() => { setReading(false); }}>
          <p className="small muted">To {letter.to}. The link is made when it is taken.</p>
          <p style={{ whiteSpace: "pre-line" }}>{letter.text}</p>
        </Dialog>
      )}
      {take.data && (
        <Dialog title="Copy the link now" onClose={() => { take.reset(); }}>
          <p className="muted">
            Whoever opens it acts as {letter.to}: hand it over on a safe way. It works once, until {fullTime(take.data.expires_at)}, and that you took it is on
            record.
          </p>
          <p className="secret">
            <code>{take.data.url}</code>
          </p>
          <div className="actions">
            <CopyButton text={take.data.url} label="Copy link" />
            <Button look="primary" onClick={() => { take.reset(); }}>
              Done
            </Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}
