// Logs: search, filters, times, follow, and lines that are only ever appended. Old lines leave the page, never the server.
import { say } from "./say.js";
import { localise } from "./time.js";

const MOST_LINES = 2000;
// Who has stopped following reads: what they read stays for longer.
const MOST_LINES_PAUSED = 20000;
const TIMES = "log-times";

class Log {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".lines");
    this.list = this.box.querySelector("ol");
    this.search = root.querySelector("input[type=search]");
    this.step = root.querySelector("select[data-step-filter]");
    this.stream = root.querySelector("select[data-stream-filter]");
    this.follow = root.querySelector("[data-follow]");
    this.times = root.querySelector("[data-times]");
    const lines = this.list.querySelectorAll("li[id^=L]");
    this.lines = lines.length;
    this.last = Number(lines[lines.length - 1]?.id.slice(1) ?? 0);
    this.waiting = [];
    this.box.addEventListener("wheel", (event) => { if (event.deltaY < 0) this.pause(); }, { passive: true });
    this.box.addEventListener("keydown", (event) => { if (["ArrowUp", "PageUp", "Home"].includes(event.key)) this.pause(); });
    this.box.addEventListener("touchmove", () => { if (!this.atEnd()) this.pause(); }, { passive: true });
    this.follow?.addEventListener("change", () => { this.trim(); this.toEnd(); });
    this.times?.addEventListener("change", () => this.keepTimes());
    this.search?.addEventListener("input", () => this.filter());
    this.step?.addEventListener("change", () => this.filter());
    this.stream?.addEventListener("change", () => this.filter());
    this.showTimes();
    if (location.hash.startsWith("#L")) this.pause();
    this.toEnd();
    // Why it failed stands at the end.
    if (root.hasAttribute("data-failed") && !location.hash) this.box.scrollTop = this.box.scrollHeight;
  }

  // On a phone the times would take the room of the words, unless they are asked for.
  showTimes() {
    if (!this.times) return;
    const kept = localStorage.getItem(TIMES);
    this.times.checked = kept ? kept === "on" : matchMedia("(width >= 40rem)").matches;
    this.root.dataset.withTimes = this.times.checked ? "on" : "off";
  }

  keepTimes() {
    localStorage.setItem(TIMES, this.times.checked ? "on" : "off");
    this.showTimes();
    this.toEnd();
  }

  pause() { if (this.follow) this.follow.checked = false; }
  atEnd() { return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40; }
  toEnd() { if (this.follow?.checked) this.box.scrollTop = this.box.scrollHeight; }

  wanted(line) {
    const { step, stream } = line.dataset;
    if (this.step?.value && step !== undefined && step !== this.step.value) return false;
    if (this.stream?.value && stream !== undefined && stream !== this.stream.value) return false;
    const words = this.search?.value.trim().toLowerCase();
    return !words || (line.id !== "" && line.lastElementChild.textContent.toLowerCase().includes(words));
  }

  filter() {
    let shown = 0;
    let head = null;
    for (const line of this.list.children) {
      if (line.matches(".part")) {
        head = line;
        head.hidden = !this.wanted(line) && !!(this.step?.value || this.search?.value);
        continue;
      }
      line.hidden = !this.wanted(line);
      if (!line.hidden) {
        shown += 1;
        if (head) head.hidden = false;
      }
    }
    this.tell(shown);
    say(`${shown} of ${this.lines} lines shown`);
    this.toEnd();
  }

  get count() { return this.root.querySelector("[data-line-count]"); }

  get filtered() { return !!(this.search?.value || this.step?.value || this.stream?.value); }

  tell(shown) {
    if (!this.count) return;
    const here = this.list.querySelectorAll("li[id^=L]").length;
    const all = this.lines === 1 ? "1 line" : `${this.lines} lines`;
    const last = here < this.lines ? `the last ${here}` : `${this.lines}`;
    if (this.filtered) this.count.textContent = `${shown} of ${last} lines`;
    else this.count.textContent = here < this.lines ? `${all}, ${last} of them here` : all;
  }

  // A step that writes for the first time can be chosen from then on.
  learn(head) {
    const { step } = head.dataset;
    if (!this.step || [...this.step.options].some((option) => option.value === step)) return;
    this.step.add(new Option(head.firstElementChild.textContent, step));
  }

  // What comes within one frame is laid out once. A hidden tab has no frames.
  append(html) {
    this.waiting.push(html);
    if (this.waiting.length > 1) return;
    if (document.hidden) setTimeout(() => this.flush());
    else requestAnimationFrame(() => this.flush());
  }

  flush() {
    const template = document.createElement("template");
    template.innerHTML = this.waiting.splice(0).join("");
    const fresh = [...template.content.children].filter((line) => this.take(line));
    // What would leave at once need not come.
    const shown = this.follow?.checked ? fresh.slice(-MOST_LINES) : fresh;
    template.content.replaceChildren(...shown);
    localise(template.content);
    this.list.append(template.content);
    this.trim();
    this.root.querySelector("[data-log-empty]")?.remove();
    this.tell(this.filtered ? this.list.querySelectorAll("li[id^=L]:not([hidden])").length : this.lines);
    this.toEnd();
  }

  // Whether a line is new; a stream that resumes may repeat its last one.
  take(line) {
    if (line.matches(".part")) {
      if (document.getElementById(line.id)) return false;
      this.learn(line);
    } else {
      const number = Number(line.id.slice(1));
      if (number <= this.last) return false;
      this.last = number;
      this.lines += 1;
    }
    line.hidden = !this.wanted(line);
    return true;
  }

  trim() {
    const most = this.follow?.checked ? MOST_LINES : MOST_LINES_PAUSED;
    for (let over = this.list.childElementCount - most; over > 0; over -= 1) this.list.firstElementChild.remove();
  }
}

export const logs = [...document.querySelectorAll("[data-log]")].map((root) => new Log(root));
