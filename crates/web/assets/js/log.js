// Logs: search, step filter, follow, and lines that are only ever appended. Old lines leave the page, never the server.
import { say } from "./say.js";

const MOST_LINES = 5000;

class Log {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".lines");
    this.list = this.box.querySelector("ol");
    this.search = root.querySelector("input[type=search]");
    this.step = root.querySelector("select[data-step-filter]");
    this.stream = root.querySelector("select[data-stream-filter]");
    this.follow = root.querySelector("[data-follow]");
    this.lines = this.list.querySelectorAll("li[id^=L]").length;
    this.box.addEventListener("wheel", (event) => { if (event.deltaY < 0) this.pause(); }, { passive: true });
    this.box.addEventListener("keydown", (event) => { if (["ArrowUp", "PageUp", "Home"].includes(event.key)) this.pause(); });
    this.box.addEventListener("touchmove", () => { if (!this.atEnd()) this.pause(); }, { passive: true });
    this.follow?.addEventListener("change", () => this.toEnd());
    this.search?.addEventListener("input", () => this.filter());
    this.step?.addEventListener("change", () => this.filter());
    this.stream?.addEventListener("change", () => this.filter());
    if (location.hash.startsWith("#L")) this.pause();
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

  tell(shown) {
    if (!this.count) return;
    const filtered = this.search?.value || this.step?.value || this.stream?.value;
    this.count.textContent = filtered ? `${shown} of ${this.lines} lines` : this.lines === 1 ? "1 line" : `${this.lines} lines`;
  }

  // A step that writes for the first time can be chosen from then on.
  learn(head) {
    const { step } = head.dataset;
    if (!this.step || [...this.step.options].some((option) => option.value === step)) return;
    this.step.add(new Option(head.firstElementChild.textContent, step));
  }

  append(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const follow = this.follow?.checked;
    for (const line of [...template.content.children]) {
      // A stream that resumes may repeat its last line.
      if (line.id && document.getElementById(line.id)) continue;
      if (line.matches(".part")) this.learn(line);
      else this.lines += 1;
      if (!this.wanted(line)) line.hidden = true;
      this.list.append(line);
    }
    while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild.remove();
    this.root.querySelector("[data-log-empty]")?.remove();
    if (this.count && !(this.search?.value || this.step?.value || this.stream?.value)) this.tell(this.lines);
    if (follow) this.toEnd();
  }
}

export const logs = [...document.querySelectorAll("[data-log]")].map((root) => new Log(root));
