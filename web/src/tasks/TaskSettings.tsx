// What counts how much in a score, with what that does; where a person's clock stands; files, and calendars that subscribe.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Download } from "lucide-react";
import { useState } from "react";
import { SettingsTabs } from "../account/SettingsTabs";
import { answer, api } from "../api/client";
import { link } from "../api/links";
import { rankingQuery, taskSettingsQuery } from "../api/queries";
import type { TaskSettings as Settings, Weights } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { toast } from "../ui/toasts";
import { asProblem } from "../api/problem";
import { lookAgain } from "./act";
import { Feeds } from "./Feeds";
import { Names } from "./Names";
import { rankUnder } from "./score";

const PARTS: readonly { name: keyof Weights; label: string; hint: string }[] = [
  { name: "urgency", label: "Urgency", hint: "Times 2 when overdue, 1 within a day, ¾ within two, ½ within a week, ¼ later." },
  { name: "priority", label: "Priority", hint: "Times the priority, from 1 to 5." },
  { name: "effort", label: "Short tasks", hint: "Times 1 up to a quarter of an hour, ¾ up to half of one, ½ up to a whole one, ¼ beyond." },
];

const USUAL: Weights = { urgency: 40, priority: 10, effort: 10 };

export function TaskSettings() {
  const settings = useQuery(taskSettingsQuery);
  return (
    <Page title="Tasks" intro="What comes first for you, and where your tasks can go." narrow>
      <SettingsTabs />
      {settings.error && <ProblemNote error={settings.error} retry={() => void settings.refetch()} />}
      {settings.isPending && (
        <section className="card" aria-label="Settings">
          <SkeletonRows rows={3} label="Settings are loading" />
        </section>
      )}
      {settings.data && <Form settings={settings.data} />}
      <Names />
      <section className="card panel" aria-labelledby="export">
        <h2 id="export">Export</h2>
        <p className="muted small">All tasks that are not deleted. The JSON file can be imported again, here or elsewhere.</p>
        <div className="inline">
          {(["json", "csv", "ics"] as const).map((format) => (
            <a key={format} className="button" href={`${link("/api/v1/tasks/export", {})}?format=${format}`} download>
              <Download size={15} aria-hidden /> {format === "ics" ? "Calendar" : format.toUpperCase()}
            </a>
          ))}
        </div>
      </section>
      <Feeds />
    </Page>
  );
}

function Form({ settings }: { settings: Settings }) {
  const [weights, setWeights] = useState(settings.weights);
  const [zone, setZone] = useState(settings.time_zone);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/v1/tasks/settings", { body: { time_zone: zone, weights } })),
    onSuccess: async () => {
      toast("good", "Saved.");
      await lookAgain();
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <form
      className="card panel"
      aria-labelledby="weights"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <h2 id="weights">What comes first</h2>
      {problem && <ProblemNote error={problem} />}
      {PARTS.map(({ name, label, hint }) => (
        <div className="weight" key={name}>
          <label htmlFor={`weight-${name}`}>{label}</label>
          <input id={`weight-${name}`} type="range" min={0} max={100} step={5} value={weights[name]} aria-describedby={`hint-${name}`} onChange={(event) => { setWeights({ ...weights, [name]: Number(event.target.value) }); }} />
          <output htmlFor={`weight-${name}`} className="number">
            {weights[name]}
          </output>
          <p className="hint" id={`hint-${name}`}>
            {hint}
          </p>
        </div>
      ))}
      <p className="hint">
        In its preferred part of the day (morning 6 to 12, afternoon 12 to 18, evening 18 to 22) a task counts a tenth more, in another a tenth
        less. What is overdue and at least of medium priority never scores less than 90.
      </p>
      <Preview weights={weights} />
      <TextField label="Time zone" hint={zone === here ? "Days and hours are meant there." : `Days and hours are meant there. This browser is in ${here}.`} list="zones" required value={zone} onValue={setZone} wrong={problem?.field("time_zone")} />
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((name) => <option key={name} value={name} />)}
      </datalist>
      <div className="actions">
        <Button onClick={() => { setWeights(USUAL); }}>Usual weights</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** What the weights would do to what is open now. */
function Preview({ weights }: { weights: Weights }) {
  const ranking = useQuery(rankingQuery);
  const all = ranking.data?.items ?? [];
  if (all.length === 0) return null;
  const shown = rankUnder(all, weights).slice(0, 5);
  const most = Math.max(1, ...shown.map((one) => one.score));
  return (
    <div>
      <h3 className="label">So your tasks would stand</h3>
      <ol className="reasons" aria-live="polite">
        {shown.map(({ ranked, score, was }, place) => (
          <li key={ranked.task.id}>
            <span className="small truncate">
              {was > place && <ArrowUp size={12} aria-label="up" />}
              {was < place && <ArrowDown size={12} aria-label="down" />} {ranked.task.title}
            </span>
            <span className="bar" aria-hidden>
              <span style={{ width: `${String((score / most) * 100)}%` }} />
            </span>
            <span className="small number">{score}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
