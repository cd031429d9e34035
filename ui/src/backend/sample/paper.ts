// A made-up PDF: pages with text in a built-in font, enough to look at, to search and to select from.

function escaped(text: string): string {
  return [...text].map((letter) => {
    const code = letter.charCodeAt(0);
    if (letter === "(" || letter === ")" || letter === "\\") return `\\${letter}`;
    if (letter === "€") return "\\200";
    return code > 126 && code < 256 ? `\\${code.toString(8)}` : code > 255 ? "?" : letter;
  }).join("");
}

/** Lines of a page: x, y, size, text. */
export type PaperLine = [number, number, number, string];

/** A PDF of these pages. */
export function paper(pages: PaperLine[][]): Uint8Array<ArrayBuffer> {
  const objects: string[] = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"];
  const kids: string[] = [];
  for (const lines of pages) {
    const text = lines.map(([x, y, size, words]) => `BT /F1 ${size} Tf ${x} ${y} Td (${escaped(words)}) Tj ET`).join("\n");
    const stream = `${text}\n0.5 w 70 700 m 525 700 l S 70 560 m 525 560 l S`;
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${objects.length} 0 R >>`);
    kids.push(`${objects.length} 0 R`);
  }
  objects[1] = `<< /Type /Pages /Kids [${kids.join(" ")}] /Count ${kids.length} >>`;
  let file = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF`;
  return Uint8Array.from(file, (letter) => letter.charCodeAt(0));
}
