// Forms: busy buttons, drafts that survive a reload, and the changes bar that counts what is not saved.
const SECRET = "input[type=password], [data-secret]";

// What busy buttons said before.
const idle = new Map();

// Nothing is sent twice, and the button says what it does.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.busy && !event.submitter?.hasAttribute("formtarget")) return event.preventDefault();
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  form.dataset.busy = "true";
  forget(form);
  const button = event.submitter;
  if (button?.dataset.working) {
    button.setAttribute("aria-busy", "true");
    idle.set(button, [...button.childNodes]);
    button.textContent = button.dataset.working;
  }
});
// Coming back with the browser's Back shows the page as it was left: usable.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
  for (const [button, words] of idle) {
    button.removeAttribute("aria-busy");
    button.replaceChildren(...words);
  }
  idle.clear();
});

const fields = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");
const value = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
const original = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
  if (field instanceof HTMLSelectElement) return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;
  return field.defaultValue;
};
const changed = (form) => fields(form).filter((field) => value(field) !== original(field));
const key = (form) => `draft:${location.pathname}:${form.dataset.draft}`;
const forget = (form) => { if (form.dataset.draft) sessionStorage.removeItem(key(form)); };

function keep(form) {
  const draft = changed(form)
    .filter((field) => !field.matches(SECRET))
    .map((field) => [field.name, field.type === "radio" ? field.value : value(field), field.type]);
  if (draft.length) sessionStorage.setItem(key(form), JSON.stringify(draft));
  else forget(form);
  show(form);
}

function restore(form) {
  for (const [name, kept, type] of JSON.parse(sessionStorage.getItem(key(form)) ?? "[]")) {
    const named = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    const field = type === "radio" ? named.find((field) => field.value === kept) : named.find((field) => field.type !== "hidden");
    if (!field) continue;
    if (type === "radio") field.checked = true;
    else if (type === "checkbox") field.checked = kept;
    else field.value = kept;
  }
  show(form);
}

// The first few, as the bar of what is not live says them.
const MOST_NAMES = 3;
const few = (names) => names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "");

function show(form) {
  const bar = form.querySelector("[data-unsaved]");
  if (!bar) return;
  const names = new Set(changed(form).map((field) => field.dataset.label ?? field.labels?.[0]?.textContent.trim() ?? field.name));
  bar.toggleAttribute("data-dirty", names.size > 0);
  const [count, list] = [bar.querySelector("[data-count]"), bar.querySelector("[data-names]")];
  if (count && names.size === 0) count.textContent = "Nothing of this is saved yet.";
  else if (count) count.textContent = names.size === 1 ? "1 change is not saved." : `${names.size} changes are not saved.`;
  if (list) list.textContent = few([...names]);
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  restore(form);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("change", () => keep(form));
  form.addEventListener("reset", () => setTimeout(() => { forget(form); show(form); }));
}

// Ctrl or Cmd S saves where there is something to save.
addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
  const button = document.querySelector("[data-unsaved][data-dirty] button[data-save]");
  if (!button) return;
  event.preventDefault();
  button.form.requestSubmit(button);
});

// A form that came back with errors shows the first of them.
document.querySelector("main [aria-invalid=true]")?.focus();

// Rows that can be repeated: the last empty one grows a successor.
document.addEventListener("input", (event) => {
  const row = event.target.closest("[data-repeat]");
  if (!row || row.nextElementSibling?.matches("[data-repeat]")) return;
  const next = row.cloneNode(true);
  for (const field of next.matches("input, textarea") ? [next] : next.querySelectorAll("input, textarea")) {
    if (field.type === "checkbox") field.checked = field.defaultChecked;
    else field.value = "";
    field.removeAttribute("id");
    field.removeAttribute("aria-invalid");
  }
  row.after(next);
});

// A choice shows the part of the form that belongs to it.
function choose(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, wanted] = part.dataset.when.split("=");
    const field = form.elements[name];
    const now = field instanceof RadioNodeList || field instanceof HTMLSelectElement ? field.value : String(field?.checked);
    part.hidden = !wanted.split("|").includes(now);
    for (const inner of part.querySelectorAll("input, select, textarea")) inner.disabled = part.hidden;
  }
}
for (const form of document.querySelectorAll("form:has([data-when])")) {
  choose(form);
  form.addEventListener("change", () => choose(form));
  form.addEventListener("htmx:after:swap", () => choose(form));
}
