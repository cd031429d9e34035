import { expect, it } from "vitest";

import { requestId } from "./id";

it("makes a new UUID of version 7 each time, ordered by time", () => {
  const ids = Array.from({ length: 50 }, (_, index) => requestId(1_700_000_000_000 + index));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(50);
  expect([...ids].sort()).toEqual(ids);
  expect(requestId(0x0194a2f077aa).slice(0, 13)).toBe("0194a2f0-77aa");
});
