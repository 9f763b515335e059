// The palette: `/` or Ctrl or Cmd K opens it, arrows move the focus through the results, Enter goes or does. The results come from the server.
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");

const typing = (element) => element?.matches("input, textarea, select, [contenteditable], .xterm *");

addEventListener("keydown", (event) => {
  const short = event.key === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey;
  const slash = event.key === "/" && !event.metaKey && !event.ctrlKey && !event.altKey && !typing(document.activeElement);
  if ((!short && !slash) || document.activeElement?.closest(".xterm") || !palette) return;
  if (document.querySelector("dialog[open]:not(#palette)")) return;
  event.preventDefault();
  if (!palette.open) palette.showModal();
  input.select();
});

const choices = () => [...palette.querySelectorAll("#palette-list :is(a, button)")];

palette?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const stops = [input, ...choices()];
  const at = stops.indexOf(document.activeElement);
  if (step && at >= 0) {
    event.preventDefault();
    stops[(at + step + stops.length) % stops.length].focus();
  } else if (event.key === "Enter" && at === 0 && stops.length > 1) {
    event.preventDefault();
    stops[1].click();
  } else if (at > 0 && (event.key.length === 1 || event.key === "Backspace") && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
    // Whoever types on goes on searching.
    input.focus();
  }
});
palette?.addEventListener("toggle", () => { if (palette.open) input.dispatchEvent(new Event("input", { bubbles: true })); });
