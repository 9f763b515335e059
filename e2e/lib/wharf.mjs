// Wharf's real binary with data, ports and an instance of its own, and what it deployed removed at the end.

import { execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Asks until the condition gives something, and says the last state seen when the time is over. */
export async function waitFor(what, seconds, condition) {
  const deadline = Date.now() + seconds * 1000;
  let seen = "nothing";
  while (Date.now() < deadline) {
    try {
      const found = await condition();
      if (found) return found;
      seen = String(found);
    } catch (error) {
      seen = error.message;
    }
    await new Promise((tick) => setTimeout(tick, 50));
  }
  throw new Error(`waited ${seconds} s in vain for ${what}; last seen: ${seen}`);
}

export class Wharf {
  static async start(binary) {
    const folder = await mkdtemp(join(tmpdir(), "wharf-e2e-"));
    const wharf = new Wharf();
    wharf.binary = binary;
    wharf.folder = folder;
    wharf.data = join(folder, "data");
    wharf.log = join(folder, "log");
    [wharf.port, wharf.httpPort, wharf.httpsPort] = [await freePort(), await freePort(), await freePort()];
    wharf.url = `http://127.0.0.1:${wharf.port}`;
    const log = createWriteStream(wharf.log);
    wharf.process = spawn(binary, [
      "up", "--data", wharf.data, "--listen", `127.0.0.1:${wharf.port}`, "--http-port", wharf.httpPort, "--https-port", wharf.httpsPort,
      "--allow-local-git", "--allow-private-sources",
    ].map(String), { stdio: ["ignore", "pipe", "pipe"] });
    wharf.process.stdout.pipe(log);
    wharf.process.stderr.pipe(log);
    try {
      await waitFor("Wharf to be ready", 20, () => wharf.ready());
    } catch (error) {
      const said = await wharf.said();
      await wharf.stop();
      throw new Error(`${error.message}; Wharf's words:\n${said}`);
    }
    return wharf;
  }

  async ready() {
    if (this.process.exitCode !== null) throw new Error(`it ended with ${this.process.exitCode}`);
    const answer = await fetch(`${this.url}/healthz`);
    if (!answer.ok) throw new Error(`/healthz answers ${answer.status}`);
    return true;
  }

  /** What it has said so far. */
  async said() {
    return readFile(this.log, "utf8");
  }

  /** The one-time address of the first run. */
  async setupUrl() {
    return waitFor("the setup address", 10, async () => (await this.said()).match(/https?:\/\/\S+\/setup\/\S+/)?.[0]);
  }

  /** A git repository on this machine with the files of a folder; `push` takes what `work` holds by then. */
  async repository(name, files) {
    const bare = join(this.folder, `${name}.git`);
    const work = join(this.folder, name);
    const git = (...words) => run("git", ["-c", "user.name=Ada Pier", "-c", "user.email=ada@example.org", ...words]);
    await git("init", "--quiet", "--bare", "--initial-branch=main", bare);
    await run("cp", ["-r", files, work]);
    await git("-C", work, "init", "--quiet", "--initial-branch=main");
    const push = async (message) => {
      await git("-C", work, "add", "--all");
      await git("-C", work, "commit", "--quiet", "--message", message);
      await git("-C", work, "push", "--quiet", bare, "main");
    };
    await push("Greet whoever comes by");
    return { url: `file://${bare}`, work, push };
  }

  /** Stops it and removes what it made on the engine: everything of the instance whose edge has its state in this data folder. */
  async stop() {
    this.process.kill("SIGTERM");
    await new Promise((ended) => (this.process.exitCode === null ? this.process.once("exit", ended) : ended()));
    const instances = new Set();
    for (const id of await lines("docker", "ps", "--all", "--quiet", "--filter", "label=wharf.instance")) {
      // One of another Wharf may be gone by now.
      const [container] = await run("docker", ["inspect", id]).then(({ stdout }) => JSON.parse(stdout), () => []);
      const state = container?.Mounts.some((mount) => mount.Source?.startsWith(this.folder));
      if (state) instances.add(container.Config.Labels["wharf.instance"]);
    }
    for (const instance of instances) await removeInstance(`label=wharf.instance=${instance}`);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function lines(program, ...words) {
  return (await run(program, words)).stdout.split("\n").filter(Boolean);
}

async function removeInstance(label) {
  const remove = async (list, removal) => {
    const found = [...new Set(await lines("docker", ...list, "--quiet", "--filter", label))];
    if (found.length > 0) await run("docker", [...removal, ...found]);
  };
  await remove(["ps", "--all"], ["rm", "--force", "--volumes"]);
  await remove(["network", "ls"], ["network", "rm"]);
  await remove(["volume", "ls"], ["volume", "rm", "--force"]);
  await remove(["image", "ls"], ["image", "rm", "--force"]);
}
