// The list of keys.

import { useStore } from "../data/store";
import { Dialog } from "../parts/Dialog";
import { areKeysOn, SHORTCUTS } from "../shortcuts";

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const isOn = useStore(areKeysOn);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {SHORTCUTS.map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => areKeysOn.set(currentTarget.checked)} />
        Single letters do something
      </label>
    </Dialog>
  );
}
