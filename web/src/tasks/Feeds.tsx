// Calendars that subscribe to one's tasks, each with a password of its own.
import { useMutation, useQuery } from "@tanstack/react-query";
import { CalendarDays, Plus } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { feedsQuery, queryClient } from "../api/queries";
import type { TaskFeed } from "../api/types";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Confirm, Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";

const again = () => queryClient.invalidateQueries({ queryKey: feedsQuery.queryKey });

export function Feeds() {
  const feeds = useQuery(feedsQuery);
  const [making, setMaking] = useState(false);
  return (
    <section className="card panel" aria-labelledby="feeds">
      <h2 id="feeds">Calendars</h2>
      <p className="muted small">A calendar program can subscribe to your tasks. It gets a password that opens this calendar and nothing else.</p>
      {feeds.error && <ProblemNote error={feeds.error} retry={() => void feeds.refetch()} />}
      {(feeds.data?.items.length ?? 0) > 0 && (
        <ul className="rows">
          {feeds.data?.items.map((feed) => (
            <Row key={feed.id} feed={feed} />
          ))}
        </ul>
      )}
      <div className="inline">
        <Button icon={<Plus size={15} />} onClick={() => { setMaking(true); }}>
          Add a calendar
        </Button>
      </div>
      {making && <NewFeed onClose={() => { setMaking(false); }} />}
    </section>
  );
}

function Row({ feed }: { feed: TaskFeed }) {
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/tasks/feeds/{id}", { params: { path: { id: feed.id } } })),
    onSuccess: again,
    onError: (thrown) => {
      setAsking(false);
      toast("bad", `Not revoked: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <CalendarDays size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{feed.name}</strong>
        </p>
        <p className="tiny muted">{feed.last_used_at == null ? "never fetched" : <>fetched <Ago at={feed.last_used_at} /></>}</p>
      </div>
      <Button onClick={() => { setAsking(true); }}>
        Revoke<span className="visually-hidden"> {feed.name}</span>
      </Button>
      {asking && (
        <Confirm title={`Revoke “${feed.name}”?`} action="Revoke" busy={revoke.isPending} onConfirm={() => { revoke.mutate(); }} onClose={() => { setAsking(false); }}>
          The calendar gets nothing more from now on. This cannot be undone.
        </Confirm>
      )}
    </li>
  );
}

function NewFeed({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/tasks/feeds", { body: { name: name.trim() } })),
    onSuccess: again,
  });
  if (make.data) {
    const address = `${window.location.origin}${make.data.path}`;
    return (
      <Dialog title="Enter this in your calendar" onClose={onClose}>
        <p className="muted">Subscribe to the address. Where a name and a password are asked for, any name will do. The password is shown this once.</p>
        <Secret label="Address" text={address} />
        <Secret label="Password" text={make.data.token} />
        <p className="hint">Programs that keep to-dos rather than events take the same address with “?show=todos” behind it.</p>
        <div className="actions">
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a calendar" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        {make.error && <ProblemNote error={make.error} />}
        <TextField label="Name" hint="Which program subscribes, so that you know it later." required maxLength={100} value={name} onValue={setName} wrong={make.error ? asProblem(make.error).field("name") : undefined} />
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={make.isPending} disabled={name.trim() === ""}>
            Make a password
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Secret({ label, text }: { label: string; text: string }) {
  return (
    <div className="field">
      <span className="label">{label}</span>
      <p className="secret">
        <code>{text}</code>
      </p>
      <div className="inline">
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
