import express from "express";

const app = express();

app.get("/", (request, response) => {
  response.json({ hello: "node", greeting: process.env.GREETING ?? "unset", release: process.env.WHARF_RELEASE ?? "unknown" });
});
app.get("/healthz", (request, response) => response.send("ok"));

const server = app.listen(Number(process.env.PORT ?? 3000), () => console.log(`listening on ${server.address().port}`));

process.on("SIGTERM", () => {
  console.log("SIGTERM: finishing what is in flight");
  server.close(() => process.exit(0));
});
