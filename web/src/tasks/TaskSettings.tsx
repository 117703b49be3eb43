// What counts how much in a score, with what that does; where a person's clock stands; files, and calendars that subscribe.
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Download } from "lucide-react";
import { useState } from "react";
import { SettingsTabs } from "../account/SettingsTabs";
import { answer, api } from "../api/client";
import { link } from "../api/links";
import { rankingQuery, taskSettingsQuery } from "../api/queries";
import type { TaskSettings as Settings, TimesOfDay, Weights } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { toast } from "../ui/toasts";
import { asProblem, type Problem } from "../api/problem";
import { lookAgain } from "./act";
import { Feeds } from "./Feeds";
import { Names } from "./Names";
import { fitUnder, hourIn, rankUnder } from "./score";

const PARTS: readonly { name: keyof Weights; label: string; hint: string }[] = [
  { name: "urgency", label: "Urgency", hint: "Times 2 when overdue, 1 within a day, ¾ within two, ½ within a week, ¼ later." },
  { name: "priority", label: "Priority", hint: "Times the priority, from 1 to 5." },
  { name: "effort", label: "Short tasks", hint: "Times 1 up to a quarter of an hour, ¾ up to half of one, ½ up to a whole one, ¼ beyond." },
];

const USUAL: Weights = { urgency: 40, priority: 10, effort: 10 };
const USUAL_TIMES: TimesOfDay = { morning: 6, afternoon: 12, evening: 18, night: 22 };

const HOURS: readonly { name: keyof TimesOfDay; label: string }[] = [
  { name: "morning", label: "Morning from" },
  { name: "afternoon", label: "Afternoon from" },
  { name: "evening", label: "Evening from" },
  { name: "night", label: "Night from" },
];

function same<T extends Record<keyof T, number>>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).every((name) => one[name] === other[name]);
}

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
  const [times, setTimes] = useState(settings.times_of_day);
  const [letters, setLetters] = useState(String(settings.letters_per_day));
  const [zone, setZone] = useState(settings.time_zone);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/v1/tasks/settings", { body: { time_zone: zone, weights, times_of_day: times, letters_per_day: Number(letters) } })),
    onSuccess: async () => {
      toast("good", "Saved.");
      await lookAgain();
    },
  });
  const problem = save.error ? asProblem(save.error) : null;
  const saved = zone === settings.time_zone && same(weights, settings.weights) && same(times, settings.times_of_day);
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
      <p className="hint">What is overdue and at least of medium priority never scores less than 90.</p>
      <Hours times={times} onTimes={setTimes} problem={problem} />
      <Preview weights={weights} times={times} zone={zone} saved={saved} />
      <TextField label="Time zone" hint={zone === here ? "Days and hours are meant there." : `Days and hours are meant there. This browser is in ${here}.`} list="zones" required value={zone} onValue={setZone} wrong={problem?.field("time_zone")} />
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((name) => <option key={name} value={name} />)}
      </datalist>
      <TextField label="Letters of reminders in a day" hint="The last of them gathers what is left of the day." type="number" min={1} max={100} required value={letters} onValue={setLetters} wrong={problem?.field("letters_per_day")} />
      <div className="actions">
        <Button onClick={() => { setWeights(USUAL); setTimes(USUAL_TIMES); }}>Usual settings</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** When the parts of the day begin. */
function Hours({ times, onTimes, problem }: { times: TimesOfDay; onTimes: (times: TimesOfDay) => void; problem: Problem | null }) {
  return (
    <fieldset className="stack" style={{ gap: 8 }}>
      <legend className="label">Times of the day</legend>
      <div className="hours">
        {HOURS.map(({ name, label }) => (
          <Field key={name} label={label} wrong={problem?.field(`times_of_day/${name}`)}>
            {(ids) => (
              <select className="input" value={times[name]} onChange={(event) => { onTimes({ ...times, [name]: Number(event.target.value) }); }} {...ids}>
                {Array.from({ length: 25 }, (_, hour) => (
                  <option key={hour} value={hour}>
                    {String(hour).padStart(2, "0")}:00
                  </option>
                ))}
              </select>
            )}
          </Field>
        ))}
      </div>
      <p className="hint">In the part of the day that it prefers, a task counts a tenth more, in another a tenth less.</p>
    </fieldset>
  );
}

interface PreviewProps {
  weights: Weights;
  times: TimesOfDay;
  zone: string;
  /** Whether this is what the server goes by. */
  saved: boolean;
}

/** What the settings would do to what is open now, and what they recommend. */
function Preview({ weights, times, zone, saved }: PreviewProps) {
  const ranking = useQuery(rankingQuery);
  const all = ranking.data?.items ?? [];
  const first = all[0];
  if (first === undefined) return null;
  const hour = hourIn(zone, ranking.dataUpdatedAt);
  const shown = rankUnder(all, weights, (one) => fitUnder(one, times, hour)).slice(0, 5);
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
      {saved && (
        <p className="hint" style={{ marginTop: 8 }}>
          Now: {first.task.title}. {first.recommendation}
        </p>
      )}
    </div>
  );
}
