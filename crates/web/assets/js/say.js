// One polite voice for what changes without the focus moving.
export function say(text) {
  const voice = document.getElementById("voice");
  if (!voice) return;
  voice.textContent = "";
  requestAnimationFrame(() => { voice.textContent = text; });
}
