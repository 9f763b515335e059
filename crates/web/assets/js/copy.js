// Copy buttons: the text goes to the clipboard, the button says so for two seconds.
import { say } from "./say.js";

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain HTTP has no clipboard interface; a selection still copies.
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "sr" });
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await write(button.dataset.copy);
  button.dataset.copied = "true";
  say("Copied");
  setTimeout(() => delete button.dataset.copied, 2000);
});
