// Day and night: the button changes the page at once and remembers it in a cookie that the server reads, so that no page flashes.
const page = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]")) return;
  event.preventDefault();
  const now = page.dataset.theme || (dark.matches ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  page.dataset.theme = next;
  document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === "https:" ? "; Secure" : ""}`;
});
