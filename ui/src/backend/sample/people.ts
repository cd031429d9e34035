// Made-up people of the sample, in reserved domains. Every run makes the same ones.

/** A sequence of made-up numbers in [0, 1) that is the same every time. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 7), state | 61);
    mixed = (mixed ^ (mixed >>> 14)) >>> 0;
    return mixed / 4294967296;
  };
}

const FIRST = "Anna Bernd Claudia Dieter Elif Frank Gabi Hakan Ines Jürgen Karin Lars Monika Nils Olga Peter Renate Sören Tanja Uwe Vera Wolfgang Yasemin Zoë Björn Marie Heinz Petra Jörg Änne".split(" ");
const LAST = "Schmidt Müller Weber Fischer Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Yılmaz Öztürk Kowalski Nowak Jäger Groß".split(" ");
const CITY = "Köln Hamburg Berlin München Leipzig Dresden Bremen Essen Kiel Mainz Ulm Jena Aachen Trier Görlitz".split(" ");
const STREET = "Hauptstraße Bahnhofstraße Gartenweg Lindenallee Schillerplatz Am Markt Mühlengasse Ringstraße".split(" ");
const COMPANY = ["Bäckerei {}", "{} & Söhne GmbH", "Malerbetrieb {}", "{} Elektrotechnik KG", "Buchhandlung {}"];

/** A made-up person. */
export interface MadeUp {
  first: string;
  last: string;
  company: string | null;
  email: string;
  city: string;
  postal: string;
  street: string;
}

function pick<T>(from: T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}

function latin(text: string): string {
  return text.toLowerCase().replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue").replace(/ß/g, "ss").replace(/ı/g, "i").normalize("NFD").replace(/[^a-z]/g, "");
}

/** A made-up person; a few are as awkward as real ones can be. */
export function person(index: number, random: () => number): MadeUp {
  const first = pick(FIRST, random);
  const last = pick(LAST, random);
  const domain = pick(["example.com", "example.org", "example.net"], random);
  const made: MadeUp = {
    first,
    last,
    company: random() < 0.12 ? pick(COMPANY, random).replace("{}", last) : null,
    email: `${latin(first)}.${latin(last)}${index % 97 || ""}@${domain}`,
    city: pick(CITY, random),
    postal: String(10000 + Math.floor(random() * 89999)),
    street: `${pick(STREET, random)} ${1 + Math.floor(random() * 120)}`,
  };
  if (index === 4) return { ...made, first: "يوسف", last: "الخطيب", company: null, email: "yusuf.alkhatib@example.com" };
  if (index === 7) return { ...made, first: "Maximiliane-Friederike-Charlotte", last: `von und zu ${"Donaudampfschifffahrtsgesellschaftskapitän-".repeat(6)}Hohenfels`, company: null };
  if (index === 11) return { ...made, first: "דנה", last: "כהן", company: null, email: "dana.cohen@example.net" };
  return made;
}
