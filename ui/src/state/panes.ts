// F6: from pane to pane, to where one was in it. And: what is drawn anew in a pane does not take the focus with it.

const remembered = new WeakMap<HTMLElement, HTMLElement>();

/** Goes to the next pane, or to the one before. */
export function cyclePanes(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null);
  if (panes.length === 0) return;
  const active = document.activeElement;
  const at = panes.findIndex((pane) => pane.contains(active));
  const here = panes[at];
  if (here && active instanceof HTMLElement) remembered.set(here, active);
  for (let tries = 0; tries < panes.length; tries++) {
    const from = at < 0 ? (step > 0 ? -1 : 0) : at;
    const next = panes[(from + step * (tries + 1) + panes.length * 2) % panes.length];
    if (!next || next === here) return;
    targetIn(next).focus();
    // One with nothing in it that takes the focus is passed over.
    if (next.contains(document.activeElement)) return;
  }
}

function targetIn(pane: HTMLElement): HTMLElement {
  const before = remembered.get(pane);
  if (before?.isConnected && pane.contains(before)) return before;
  return (
    pane.querySelector<HTMLElement>("[role=row][tabindex='0'], [role=document][tabindex='0']") ??
    pane.querySelector<HTMLElement>("[aria-current=page], button:not([tabindex='-1']), a[href], input, select, textarea, [tabindex='0']") ??
    pane
  );
}

/** Gives the focus back to where it was, or, where that is gone, to the screen: never to nothing. */
export function focusAgain(before: HTMLElement | null): void {
  if (before?.isConnected && before !== document.body) {
    before.focus();
    return;
  }
  const pane = document.querySelector<HTMLElement>("main [data-pane], main[data-pane]");
  if (pane) targetIn(pane).focus();
}

/** Where the focus was before a dialog that made way for another one. */
let handed: HTMLElement | null = null;

/** Keeps it for the dialog that follows at once. */
export function handOver(before: HTMLElement | null): void {
  if (!before) return;
  handed = before;
  setTimeout(() => (handed = null));
}

/** Takes what the dialog before left, so that closing this one leads back to what opened the first. */
export function takeOver(): HTMLElement | null {
  const before = handed;
  handed = null;
  return before;
}

/** What had the focus last, and in which pane. */
let held: { element: Element; pane: HTMLElement } | null = null;

/** Keeps the focus in a pane when what had it is drawn anew, such as by the record that follows; otherwise it falls to nothing. */
export function keepsFocus(pane: HTMLElement) {
  const note = (event: FocusEvent) => (held = { element: event.target as Element, pane });
  const observer = new MutationObserver((records) => {
    if (held?.pane !== pane || document.activeElement !== document.body) return;
    const { element } = held;
    if (!element.isConnected) return pane.focus({ preventScroll: true });
    // A row that went to another place left the document for a moment, and lost it, too.
    const hasMoved = records.some((record) => [...record.removedNodes].some((node) => node.contains(element)));
    if (hasMoved && element instanceof HTMLElement) element.focus();
  });
  pane.addEventListener("focusin", note);
  observer.observe(pane, { childList: true, subtree: true });
  return {
    destroy() {
      observer.disconnect();
      pane.removeEventListener("focusin", note);
    },
  };
}
