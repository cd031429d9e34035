import { beforeEach, describe, expect, it } from "vitest";

import { locale } from "../state/locale.svelte";
import * as format from "./format";

describe("what the office writes", () => {
  beforeEach(() => {
    locale.current = "de";
  });

  it("writes numbers and amounts in German notation, in either language", () => {
    for (const language of ["de", "en"] as const) {
      locale.current = language;
      expect(format.number(8532)).toBe("8.532");
      expect(format.money(123450)).toBe("1.234,50\u00a0€");
      expect(format.money(-100)).toBe("−1,00\u00a0€");
      expect(format.money(5, "CHF")).toBe("0,05\u00a0CHF");
      expect(format.date("2013-01-31")).toBe("31.01.2013");
    }
  });

  it("writes sizes in decimal units and never as 1000 of the smaller one", () => {
    expect(format.bytes(0)).toBe("0\u00a0Bytes");
    expect(format.bytes(999)).toBe("999\u00a0Bytes");
    expect(format.bytes(10_000_000_000)).toBe("10\u00a0GB");
    expect(format.bytes(999_999_999)).toBe("1\u00a0GB");
  });

  it("shows UTC in the time of Berlin, in winter and in summer, over midnight", () => {
    expect(format.dateTime("2013-01-31T18:04:12Z")).toBe("31.01.2013, 19:04");
    expect(format.dateTime("2013-07-01T18:04:12Z")).toBe("01.07.2013, 20:04");
    expect(format.exactTime("2013-01-31T23:30:05Z")).toBe("01.02.2013, 00:30:05");
    expect(format.dayOf("2013-01-31T23:30:00Z")).toBe("2013-02-01");
    expect(format.timeOn("2013-01-31T23:30:00Z", "2013-02-01")).toBe("00:30");
  });

  it("shows what is no time as it is", () => {
    expect(format.dateTime("2013-13-41T99:00")).toBe("2013-13-41T99:00");
    expect(format.date("soon")).toBe("soon");
  });

  it("names months in the language of the window", () => {
    expect(format.month("2013-01")).toBe("Januar 2013");
    locale.current = "en";
    expect(format.month("2013-01")).toBe("January 2013");
  });

  it("reads days as they are typed, and refuses what is no day", () => {
    expect(format.parseDate("31.01.2013")).toBe("2013-01-31");
    expect(format.parseDate(" 1.2.13 ")).toBe("2013-02-01");
    expect(format.parseDate("01022013")).toBe("2013-02-01");
    for (const typed of ["31.02.2013", "00.01.2013", "1.13.2013", "2013-01-31", "morgen", ""]) expect(format.parseDate(typed)).toBeNull();
  });

  it("reads amounts in euros as the office writes them, and refuses what is none", () => {
    const read = ["1.234,50", "1234,5", "100", "0,07", "-5 €", "−5,95", "1.234.567"].map(format.parseMoney);
    expect(read).toEqual(["123450", "123450", "10000", "7", "-500", "-595", "123456700"]);
    for (const typed of ["", "1,234.50", "11.90", "1.5", "1,234", "zehn"]) expect(format.parseMoney(typed)).toBeNull();
  });

  it("reads months as they are typed", () => {
    expect(format.parseMonth("1.2013")).toBe("2013-01");
    expect(format.parseMonth("13.2013")).toBeNull();
    expect(format.typedMonth("2013-01")).toBe("01.2013");
  });

  it("steps over the ends of months and years", () => {
    expect(format.plusDays("2013-01-31", 1)).toBe("2013-02-01");
    expect(format.plusDays("2012-03-01", -1)).toBe("2012-02-29");
  });

  it("keeps stretches of time short", () => {
    expect(format.duration(59.4)).toBe("59\u00a0s");
    expect(format.duration(240)).toBe("4\u00a0min");
    expect(format.duration(7800)).toBe("2\u00a0h 10\u00a0min");
  });
});
