import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const version = process.env.VERSION ?? "1";
const drainSeconds = Number(process.env.DRAIN_SECONDS ?? 30);
let leaving = false;

function text(response, body) {
  response.setHeader("x-version", version);
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(`${body}\n`);
}

function events(request, response) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", "x-version": version });
  let number = 0;
  const timer = setInterval(() => response.write(`id: ${++number}\ndata: ${version}\n\n`), 100);
  request.on("close", () => clearInterval(timer));
}

async function upload(request, response) {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  text(response, String(bytes));
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://here");
  switch (url.pathname) {
    case "/": return text(response, `version ${version}`);
    case "/healthz": return text(response, "ok");
    case "/events": return events(request, response);
    case "/slow": return setTimeout(() => text(response, "at last"), Number(url.searchParams.get("ms") ?? 1000));
    case "/bytes": return response.end(Buffer.alloc(Math.min(Number(url.searchParams.get("count") ?? 1000), 64e6), "x"));
    case "/upload": return upload(request, response).catch(() => response.destroy());
    default: response.statusCode = 404; return text(response, "not found");
  }
});

const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  if (leaving || !request.url.startsWith("/echo")) return socket.end("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n");
  sockets.handleUpgrade(request, socket, head, (client) => client.on("message", (data, binary) => client.send(data, { binary })));
});

process.on("SIGTERM", () => {
  leaving = true;
  console.log(`SIGTERM: ${sockets.clients.size} websockets are open`);
  server.close();
  const deadline = Date.now() + drainSeconds * 1000;
  setInterval(() => {
    server.closeIdleConnections();
    server.getConnections((error, open) => {
      if (open === 0 || Date.now() > deadline) process.exit(0);
    });
  }, 100);
});

server.listen(Number(process.env.PORT ?? 3000), () => console.log(`version ${version} listens on ${server.address().port}`));
