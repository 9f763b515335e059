// The palette: `/` or Ctrl or Cmd K opens it, arrows choose, Enter goes or does. The results come from the server.
const palette = document.getElementById("palette");
const input = palette?.querySelector("[role=combobox]");

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

const options = () => [...palette.querySelectorAll("[role=option]")];

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

palette?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (step && all.length) {
    event.preventDefault();
    select(all[(at + step + all.length) % all.length]);
  } else if (event.key === "Enter" && at >= 0 && event.target === input) {
    event.preventDefault();
    all[at].querySelector("a, button")?.click();
  }
});
palette?.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option.getAttribute("aria-selected") !== "true") select(option);
});
// New results: the first is chosen.
palette?.addEventListener("htmx:after:swap", () => select(options()[0]));
palette?.addEventListener("toggle", () => { if (palette.open) input.dispatchEvent(new Event("input", { bubbles: true })); });
