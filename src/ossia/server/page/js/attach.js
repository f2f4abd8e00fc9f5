// Files that are dropped, pasted or chosen, as text for a message: the models read nothing but text.

import { h, iconButton } from "./dom.js";

const LARGEST = 1_000_000; // bytes: more than any context holds

/** Return the text of files, each in a box of code below its name. Throws Error for one that is no text. */
export async function textOf(files) {
  const parts = [];
  for (const file of files) parts.push(boxed(file.name, await read(file)));
  return parts.join("\n\n");
}

async function read(file) {
  if (file.size > LARGEST) throw new Error(`${file.name} is too large: a file may have one megabyte.`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    if (!text.includes("\0")) return text;
  } catch {
    /* a folder, or no UTF-8 */
  }
  throw new Error(`${file.name} is no text. The models here read text: no pictures, PDF or sound.`);
}

/** Put a text into a fence that is longer than any in it. */
function boxed(name, text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${name}:\n${fence}\n${text.trimEnd()}\n${fence}`;
}

/** Call `take(files)` with files that are dropped on the page or pasted into a field. */
export function watchFiles(field, take) {
  const filesOf = (transfer) => [...(transfer?.files ?? [])];
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!filesOf(event.dataTransfer).length) return;
    event.preventDefault(); // the browser would leave the page for the file
    take(filesOf(event.dataTransfer));
  });
  field.addEventListener("paste", (event) => {
    if (!filesOf(event.clipboardData).length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    take(filesOf(event.clipboardData));
  });
}

/** Make a button that lets files be chosen. */
export function filesButton(take) {
  const chosen = () => {
    take([...input.files]);
    input.value = "";
  };
  const input = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files", onchange: chosen });
  return [input, iconButton("clip", "Add text files", () => input.click())];
}
