// A terminal in a container: xterm over a WebSocket. Bytes both ways; a text message `{"columns":80,"rows":24}` tells the size.
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";

const root = document.getElementById("terminal");
const status = document.getElementById("terminal-status");
const again = document.getElementById("terminal-again");
const style = getComputedStyle(root);

const terminal = new Terminal({
  fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSize: 13,
  cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  scrollback: 5000,
  screenReaderMode: true,
  theme: { background: style.backgroundColor, foreground: style.color, cursor: style.color },
});
// Day may turn to night while it is open.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  terminal.options.theme = { background: style.backgroundColor, foreground: style.color, cursor: style.color };
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(root);

let socket;
const size = () => {
  fit.fit();
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ columns: terminal.cols, rows: terminal.rows }));
};

function say(state, words) {
  status.dataset.status = state;
  status.querySelector("span").textContent = words;
  status.querySelector("use").setAttribute("href", `#m-${state}`);
  again.hidden = state === "running" || state === "working";
}

function connect() {
  const address = new URL(root.dataset.socket, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  say("working", "Connecting");
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { say("running", "Connected"); size(); terminal.focus(); };
  socket.onmessage = (event) => terminal.write(typeof event.data === "string" ? event.data : new Uint8Array(event.data));
  socket.onclose = (event) => say("stopped", event.reason || "Ended");
}

const encoder = new TextEncoder();
terminal.onData((text) => { if (socket?.readyState === WebSocket.OPEN) socket.send(encoder.encode(text)); });
terminal.onBinary((text) => { if (socket?.readyState === WebSocket.OPEN) socket.send(Uint8Array.from(text, (character) => character.charCodeAt(0))); });
new ResizeObserver(size).observe(root);
again.addEventListener("click", () => { terminal.reset(); connect(); });
// Shift Escape leaves the terminal, so that the keyboard is never caught in it.
terminal.attachCustomKeyEventHandler((event) => {
  if (event.type === "keydown" && event.key === "Escape" && event.shiftKey) {
    (again.hidden ? document.querySelector(".tabs [aria-current]") : again)?.focus();
    return false;
  }
  return true;
});

connect();
