// Times in the viewer's zone: `data-relative` ages ("4 min", in a sentence "4 min ago"), `data-since` ticks ("1:06"), `data-clock` is a time of day or a day. The words are those of time.rs.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const hours = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clocks = { day: date, minute: new Intl.DateTimeFormat(undefined, hours), second: new Intl.DateTimeFormat(undefined, { ...hours, second: "2-digit" }) };

function age(seconds, at) {
  if (seconds < 45) return "now";
  if (seconds < 3600) return `${Math.max(1, Math.floor(seconds / 60))} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  if (seconds < 7 * 86400) return `${Math.floor(seconds / 86400)} d`;
  return date.format(at);
}

function ago(seconds, at) {
  const words = age(seconds, at);
  if (words === "now") return "just now";
  return seconds < 7 * 86400 ? `${words} ago` : words;
}

function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(Math.floor(seconds) % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// The server's clock counts: a viewer's clock that is off must not make durations wrong.
const skew = Date.parse(document.body.dataset.now ?? "") - Date.now() || 0;

/** Times of day below an element, from UTC to the viewer's zone. */
export function localise(root = document) {
  for (const element of root.querySelectorAll("time[data-clock]")) {
    const words = clocks[element.dataset.clock].format(new Date(element.dateTime));
    if (element.textContent !== words) element.textContent = words;
  }
}

export function tick(root = document) {
  const now = Date.now() + skew;
  for (const element of root.querySelectorAll("time[data-relative], time[data-since]")) {
    const at = new Date(element.dateTime);
    const seconds = Math.max(0, (now - at) / 1000);
    const words = "since" in element.dataset ? clock(seconds) : (element.dataset.relative ? ago : age)(seconds, at);
    if (element.textContent !== words) element.textContent = words;
  }
}

// What a time is exactly, here and in UTC, is written when somebody points at it: a log has thousands of them.
document.addEventListener("pointerover", (event) => {
  const element = event.target.closest?.("time[datetime]");
  if (element) element.title = `${exact.format(new Date(element.dateTime))}\n${element.dateTime}`;
});

setInterval(() => { if (!document.hidden) tick(); }, 1000);
document.addEventListener("visibilitychange", () => tick());
localise();
tick();
