// A real Word document, made from text: the parts a DOCX must have, in a ZIP without compression.
import { crc32 } from "node:zlib";

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const TYPES = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;

const RELATIONS = `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`;

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function paragraph(text: string): string {
  return `<w:p><w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
}

function document(lines: readonly string[]): string {
  return `${XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${lines.map(paragraph).join("")}</w:body></w:document>`;
}

function header(signature: number, size: number, fill: (view: DataView) => void): Buffer {
  const buffer = Buffer.alloc(size);
  const view = new DataView(buffer.buffer, buffer.byteOffset, size);
  view.setUint32(0, signature, true);
  fill(view);
  return buffer;
}

function zip(parts: readonly (readonly [string, string])[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of parts) {
    const data = Buffer.from(text);
    const sum = crc32(data);
    const path = Buffer.from(name);
    const common = (view: DataView, at: number) => {
      view.setUint16(at, 20, true);
      // 1 January 2020, so that the bytes are always the same.
      view.setUint16(at + 8, 0x5021, true);
      view.setUint32(at + 10, sum, true);
      view.setUint32(at + 14, data.length, true);
      view.setUint32(at + 18, data.length, true);
      view.setUint16(at + 22, path.length, true);
    };
    const local = header(0x04034b50, 30, (view) => {
      common(view, 4);
    });
    const entry = header(0x02014b50, 46, (view) => {
      view.setUint16(4, 20, true);
      common(view, 6);
      view.setUint32(42, offset, true);
    });
    files.push(local, path, data);
    directory.push(entry, path);
    offset += local.length + path.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = header(0x06054b50, 22, (view) => {
    view.setUint16(8, parts.length, true);
    view.setUint16(10, parts.length, true);
    view.setUint32(12, size, true);
    view.setUint32(16, offset, true);
  });
  return Buffer.concat([...files, ...directory, end]);
}

export function docx(lines: readonly string[]): Buffer {
  return zip([
    ["[Content_Types].xml", TYPES],
    ["_rels/.rels", RELATIONS],
    ["word/document.xml", document(lines)],
  ]);
}

/** A lab assignment as a teacher writes it: a title, an aim, numbered questions, code given for some. */
export const LAB = docx([
  "Lab 4: Functions and recursion",
  "Aim: to learn how functions call themselves.",
  "1. Write a Python program to print the factorials of the numbers from 0 to 4.",
  "def factorial(n):",
  "    return 1 if n < 2 else n * factorial(n - 1)",
  "",
  "for n in range(5):",
  "    print(n, factorial(n))",
  "2. Write a Python program that shows what a division by zero does.",
  "print(1 / 0)",
  "3. Write a Python program that counts slowly.",
]);
