// What a row of a strip says.

import type { Status } from "../words/codes";

/** Two lines and a status. */
export interface StripText {
  title: string;
  sub: string;
  status?: Status | null;
}
