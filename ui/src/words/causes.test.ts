// Words of causes: what is a day is written as one, and what goes on has no end.
import { beforeAll, describe, expect, it } from "vitest";

import { locale } from "../state/locale.svelte";
import { badTime, causeName } from "./causes";

beforeAll(() => {
  locale.current = "de";
});

describe("causes", () => {
  it("are called by what they are, once", () => {
    const named = (attribute: string, name: string, value: string) => causeName({ attribute, name: { de: name, en: name }, value });
    expect(named("host", "Rechner", "rechnung-03")).toBe("Rechner rechnung-03");
    expect(named("day", "Tag", "2013-01-21")).toBe("Tag 21.01.2013");
    expect(named("template", "Vorlage", "Vorlage 7")).toBe("Vorlage 7");
    expect(named("boot", "Systemstart", "3a18a6f2-0000-4000-8000-000000000000")).toBe("Systemstart 3a18a6f2…");
  });

  it("say their bad time in days, to the minute, or without an end", () => {
    const time = (from: string, to: string) => badTime({ host: "rechnung-03", from, to });
    expect(time("2013-01-20T23:00:00Z", "2013-01-25T23:00:00Z")).toBe("21.01.2013 bis 25.01.2013");
    expect(time("2013-01-20T23:00:00Z", "2013-01-25T13:30:00Z")).toBe("21.01.2013, 00:00 bis 25.01.2013, 14:30");
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    expect(time("2013-01-20T23:00:00Z", tomorrow)).toBe("ab 21.01.2013");
    expect(time("2013-01-21T08:05:00Z", tomorrow)).toBe("ab 21.01.2013, 09:05");
  });
});
