// The page's one live stream. `partial` replaces the elements of the same ids, `lines` go to the end of the log, `go` leads elsewhere.
// A stream that breaks comes back with the number of the last line it brought, so that no line is lost while a tab sleeps.
import htmx from "htmx.org";
import { logs } from "./log.js";
import { localise, tick } from "./time.js";

const root = document.querySelector("[data-live]");
const note = document.getElementById("live-note");
const held = new Map();
const LOST_AFTER_MS = 3000;
const LONGEST_WAIT_MS = 15000;

let source;
let last = root?.dataset.liveAfter ?? "";
let wait = 1000;
let lostAt = null;
let lost;

function busy(element) {
  const focus = document.activeElement;
  return (element.contains(focus) && focus !== element && focus.matches("input, textarea, select")) || element.querySelector(":popover-open, dialog[open]") !== null;
}

function put(element) {
  const now = document.getElementById(element.id);
  if (!now) return;
  if (busy(now)) return held.set(element.id, element);
  held.delete(element.id);
  htmx.swap({ text: element.outerHTML, target: now, swap: "outerMorph", sourceElement: document.body });
}

function partial(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  localise(template.content);
  for (const element of [...template.content.children]) put(element);
  tick();
}

// What waited for a menu to close or a field to lose the focus is put in place then.
const release = () => setTimeout(() => { for (const element of [...held.values()]) put(element); });
addEventListener("focusout", release);
addEventListener("toggle", release, true);
addEventListener("close", release, true);

function open() {
  clearTimeout(lost);
  lostAt = null;
  wait = 1000;
  if (note) note.hidden = true;
}

function gone() {
  lostAt ??= new Date();
  clearTimeout(lost);
  lost = setTimeout(() => {
    if (!note) return;
    note.hidden = false;
    note.textContent = `Not live since ${lostAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}, reconnecting`;
  }, LOST_AFTER_MS - Math.min(LOST_AFTER_MS, Date.now() - lostAt));
  // Refused, not cut off: what the page shows may be gone for good.
  if (source.readyState === EventSource.CLOSED) leaveIfGone();
  source.close();
  setTimeout(connect, wait);
  wait = Math.min(LONGEST_WAIT_MS, wait * 2);
}

async function leaveIfGone() {
  const answer = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  if (answer?.status === 404) location.href = location.pathname.startsWith("/deployments/") ? "/deployments" : "/";
}

function connect() {
  source?.close();
  const address = new URL(root.dataset.live, location.href);
  if (last) address.searchParams.set("after", last);
  source = new EventSource(address);
  source.onopen = open;
  source.onerror = gone;
  source.addEventListener("partial", (event) => partial(event.data));
  source.addEventListener("lines", (event) => {
    if (event.lastEventId) last = event.lastEventId;
    logs[0]?.append(event.data);
  });
  source.addEventListener("go", (event) => { location.href = event.data; });
}

if (root) {
  connect();
  // A tab that wakes asks at once.
  document.addEventListener("visibilitychange", () => { if (!document.hidden && source?.readyState === EventSource.CLOSED) connect(); });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
}
