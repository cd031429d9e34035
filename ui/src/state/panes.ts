// F6: from pane to pane, to where one was in it.

const remembered = new WeakMap<HTMLElement, HTMLElement>();

/** Goes to the next pane, or to the one before. */
export function cyclePanes(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null);
  if (panes.length === 0) return;
  const active = document.activeElement;
  const at = panes.findIndex((pane) => pane.contains(active));
  const here = panes[at];
  if (here && active instanceof HTMLElement) remembered.set(here, active);
  const next = panes[at < 0 ? (step > 0 ? 0 : panes.length - 1) : (at + step + panes.length) % panes.length];
  if (!next) return;
  const before = remembered.get(next);
  const target =
    before?.isConnected && next.contains(before)
      ? before
      : (next.querySelector<HTMLElement>("[role=row][tabindex='0']") ??
        next.querySelector<HTMLElement>("[aria-current=page], button:not([tabindex='-1']), a[href], input, select, textarea, [tabindex='0']"));
  (target ?? next).focus();
}
