// What a list can be narrowed by, as the filter bar offers it.

import type { DamageScope } from "../generated/api";
import { date, dateTime, typedMonth } from "../words/format";
import { m } from "../words/paraglide/messages.js";

/** A choice of a filter. */
export interface Option {
  value: string;
  label: string;
}

/** A part of a filter. Keys are those of the contract's filter. */
export type FilterSpec =
  | { kind: "choice"; key: string; label: () => string; options: () => Option[] }
  | { kind: "flag"; key: string; label: () => string; yes: () => string; no: () => string }
  | { kind: "days" | "months"; from: string; to: string; label: () => string }
  | { kind: "scope"; key: string; label: () => string }
  | { kind: "text"; key: string; label: () => string }
  | { kind: "percent"; key: string; label: () => string };

type Filter = Record<string, unknown>;

/** Name of a part, to tell it from the others. */
export function specName(spec: FilterSpec): string {
  return "from" in spec ? spec.from : spec.key;
}

/** Whether a part narrows. */
export function isActive(spec: FilterSpec, filter: Filter): boolean {
  const set = (value: unknown) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  return "from" in spec ? set(filter[spec.from]) || set(filter[spec.to]) : set(filter[spec.key]);
}

/** A part in words: „Zustand: aktiv, gesperrt“. */
export function chip(spec: FilterSpec, filter: Filter): string {
  switch (spec.kind) {
    case "choice": {
      const chosen = filter[spec.key] as string[];
      const options = spec.options();
      const words = chosen.map((value) => options.find((option) => option.value === value)?.label ?? value);
      const shown = words.length > 3 ? [...words.slice(0, 2), m.and_more({ n: words.length - 2 })] : words;
      return `${spec.label()}: ${shown.join(", ")}`;
    }
    case "flag":
      return filter[spec.key] ? spec.yes() : spec.no();
    case "days":
    case "months": {
      const write = spec.kind === "days" ? date : typedMonth;
      const from = filter[spec.from] as string | undefined;
      const to = filter[spec.to] as string | undefined;
      if (from && to) return `${spec.label()}: ${from === to ? write(from) : `${write(from)} – ${write(to)}`}`;
      return `${spec.label()}: ${from ? m.from_on({ day: write(from) }) : m.until({ day: write(to ?? "") })}`;
    }
    case "percent":
      return `${spec.label()}: ${m.at_least({ n: `${filter[spec.key] as number}\u00a0%` })}`;
    case "scope": {
      const scope = filter[spec.key] as DamageScope;
      return `${spec.label()}: ${scope.host}, ${dateTime(scope.from)} – ${dateTime(scope.to)}`;
    }
    case "text":
      return `${spec.label()}: ${filter[spec.key] as string}`;
  }
}

/** A filter without this part. */
export function without(spec: FilterSpec, filter: Filter): Filter {
  const next = { ...filter };
  if ("from" in spec) {
    delete next[spec.from];
    delete next[spec.to];
  } else {
    delete next[spec.key];
  }
  return next;
}
