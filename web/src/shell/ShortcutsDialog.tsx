import { Dialog } from "../ui/Dialog";
import { Keys } from "./Keys";
import { enableLetters, useLettersEnabled, useShortcuts, type Shortcut } from "./shortcuts";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const shortcuts = useShortcuts();
  const letters = useLettersEnabled();
  const groups = new Map<string, Shortcut[]>();
  for (const one of shortcuts) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {[...groups].map(([group, members]) => (
        <section key={group} className="shortcut-group">
          <h3>{group}</h3>
          <dl>
            {members.map((one) => (
              <div key={one.keys}>
                <dt>{one.text}</dt>
                <dd>
                  <Keys keys={one.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <label className="check small">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => {
            enableLetters(event.target.checked);
          }}
        />
        <span>
          Single-letter shortcuts
          <span className="hint">Switch off if you use speech control. Shortcuts with Ctrl, ⌘ or Alt stay.</span>
        </span>
      </label>
    </Dialog>
  );
}
