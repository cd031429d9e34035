// Contact data that is being changed: what the person saw, what they want, and how both stand after a conflict.

import type { Conflict, Contact, ContactChange, ContactField } from "../generated/api";

/** Fields in the order in which people read them. */
export const CONTACT_FIELDS: ContactField[] = ["kind", "company", "first_name", "last_name", "email", "language", "street", "postal_code", "city", "country", "vat_id"];

/** Changed contact data. */
export class ContactDraft {
  /** What stood there when the person began. */
  before = $state<Record<ContactField, string>>({} as Record<ContactField, string>);
  /** What they want. */
  now = $state<Record<ContactField, string>>({} as Record<ContactField, string>);
  /** The version that they saw. */
  version = $state(0);

  constructor(contact: Contact, version: number) {
    const texts = Object.fromEntries(CONTACT_FIELDS.map((field) => [field, contact[field] ?? ""])) as Record<ContactField, string>;
    this.before = texts;
    this.now = { ...texts };
    this.version = version;
  }

  /** The changes; a field that was emptied has no value any more. */
  get changes(): ContactChange[] {
    return CONTACT_FIELDS.filter((field) => this.before[field] !== this.now[field].trim()).map((field) => ({
      field,
      old: this.before[field] || null,
      new: this.now[field].trim() || null,
    }));
  }

  /** Takes what is stored by now as the base. Fields that both changed go as they were chosen; the rest of one's own stays. */
  rebase(conflict: Conflict, choices: Map<string, "mine" | "now">): void {
    for (const each of conflict.fields) {
      const field = each.field as ContactField;
      if (!(field in this.now)) continue;
      const wasMine = each.mine !== each.before;
      this.before[field] = each.now ?? "";
      const keepsMine = each.is_overlapping ? choices.get(field) === "mine" : wasMine;
      this.now[field] = (keepsMine ? each.mine : each.now) ?? "";
    }
    this.version = conflict.version;
  }
}
