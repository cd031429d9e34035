import { describe, expect, it } from "vitest";

import type { Conflict, Contact } from "../generated/api";
import { ContactDraft } from "./contact.svelte";

const contact: Contact = { kind: "person", company: null, first_name: "Anna", last_name: "Schmidt", email: "anna@exanple.com", language: "de", street: "Weg 1", postal_code: null, city: null, country: "DE", vat_id: null };

describe("changed contact data", () => {
  it("names only what changed; blanks around it are nobody's wish, and an emptied field has no value", () => {
    const draft = new ContactDraft(contact, 3);
    expect(draft.changes).toEqual([]);
    draft.now.email = " anna@example.com ";
    draft.now.street = "";
    draft.now.last_name = "Schmidt ";
    expect(draft.changes).toEqual([
      { field: "email", old: "anna@exanple.com", new: "anna@example.com" },
      { field: "street", old: "Weg 1", new: null },
    ]);
  });

  it("stands on what is stored by now after a conflict, and chooses nothing by itself", () => {
    const draft = new ContactDraft(contact, 3);
    draft.now.email = "anna@example.com";
    draft.now.city = "Köln";
    const field = (name: string, before: string | null, mine: string | null, now: string | null, is_overlapping: boolean) => ({ field: name, before, mine, now, is_overlapping });
    const conflict: Conflict = {
      record: "registration",
      id: "1",
      label: "K-1",
      version: 5,
      changed_by: null,
      changed_at: "2013-02-01T10:00:00Z",
      fields: [field("email", "anna@exanple.com", "anna@example.com", "a@example.org", true), field("street", "Weg 1", "Weg 1", "Neuer Weg 2", false), field("city", null, "Köln", null, false)],
    };
    draft.rebase(conflict, new Map([["email", "mine"]]));
    expect(draft.version).toBe(5);
    expect(draft.now.street).toBe("Neuer Weg 2");
    expect(draft.changes).toEqual([
      { field: "email", old: "a@example.org", new: "anna@example.com" },
      { field: "city", old: null, new: "Köln" },
    ]);
    draft.rebase({ ...conflict, version: 6, fields: [field("email", "a@example.org", "anna@example.com", "b@example.org", true)] }, new Map([["email", "now"]]));
    expect(draft.changes).toEqual([{ field: "city", old: null, new: "Köln" }]);
  });
});
