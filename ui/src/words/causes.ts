// Words of causes.

import type { CauseValue } from "../generated/api";
import { said } from "./findings";

/** What a cause is called: „Rechner rechnung-03“. Of an id that nobody reads its beginning is enough. */
export function causeName(of: CauseValue): string {
  const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(of.value);
  return `${said(of.name)} ${isId ? `${of.value.slice(0, 8)}…` : of.value}`;
}
