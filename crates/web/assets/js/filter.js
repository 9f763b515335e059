// Filters a list as you type and keeps the words in the address.
import { say } from "./say.js";

for (const input of document.querySelectorAll("input[data-filter]")) {
  const list = document.getElementById(input.dataset.filter);
  if (!list) continue;
  const apply = () => {
    const wanted = input.value.trim().toLowerCase();
    const rows = [...list.querySelectorAll("[data-row]")];
    let shown = 0;
    for (const row of rows) {
      row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted) && ![...row.querySelectorAll("input")].some((field) => field.value.toLowerCase().includes(wanted));
      if (!row.hidden) shown += 1;
    }
    for (const group of list.querySelectorAll("[data-group], .card")) group.hidden = wanted !== "" && !group.querySelector("[data-row]:not([hidden])");
    return [shown, rows.length];
  };
  const asked = new URLSearchParams(location.search).get(input.name);
  if (asked && !input.value) input.value = asked;
  apply();
  let later;
  input.addEventListener("input", () => {
    const [shown, all] = apply();
    clearTimeout(later);
    later = setTimeout(() => {
      const address = new URL(location.href);
      if (input.value) address.searchParams.set(input.name, input.value);
      else address.searchParams.delete(input.name);
      history.replaceState(history.state, "", address);
      say(`${shown} of ${all} shown`);
    }, 400);
  });
}
