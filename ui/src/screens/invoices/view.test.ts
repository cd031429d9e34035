import { describe, expect, it, vi } from "vitest";

import { lists } from "../../state/lists.svelte";
import { stack } from "../../state/stack.svelte";
import { InvoiceView } from "./view.svelte";

const office = vi.hoisted(() => ({ answer: () => {} }));
vi.mock("../../state/office.svelte", async (original) => ({
  ...(await original<typeof import("../../state/office.svelte")>()),
  read: () => new Promise(() => {}),
  write: () => new Promise((resolve) => (office.answer = () => resolve({}))),
}));

/** A view of the invoice with the focus, whose mark is being written. */
function marking(): { marked: Promise<void>; step: ReturnType<typeof vi.spyOn> } {
  lists.invoices.focus = { index: 0, id: "a" };
  const step = vi.spyOn(stack, "step").mockResolvedValue(true);
  step.mockClear();
  const view = new InvoiceView(() => "a");
  view.detail.value = { row: { type: "whole", value: { review: null } } } as never;
  view.audit.value = { document: "d" } as never;
  return { marked: view.toggleReview(true), step };
}

describe("marking in the stack", () => {
  it("goes on to the next invoice", async () => {
    const { marked, step } = marking();
    office.answer();
    await marked;
    expect(step).toHaveBeenCalledWith(1);
  });

  it("does not pass over the one that the person went on to meanwhile", async () => {
    const { marked, step } = marking();
    lists.invoices.focus = { index: 1, id: "b" };
    office.answer();
    await marked;
    expect(step).not.toHaveBeenCalled();
  });
});
