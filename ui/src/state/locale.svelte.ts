// The language that the window speaks. Messages read it when they are drawn, so that a change shows at once.

import type { Language } from "../generated/api";
import { overwriteGetLocale } from "../words/paraglide/runtime.js";

class Locale {
  current = $state<Language>("de");
}

/** The language in use. */
export const locale = new Locale();

overwriteGetLocale(() => locale.current);
