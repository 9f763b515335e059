// The line between a browser and Wharf, which can be cut and mended as networks are.

import { connect, createServer } from "node:net";

export class Line {
  static async to(port) {
    const line = new Line();
    line.open = new Set();
    line.whole = true;
    line.server = createServer((near) => line.#carry(near, port));
    await new Promise((listening) => line.server.listen(0, "127.0.0.1", listening));
    line.url = `http://127.0.0.1:${line.server.address().port}`;
    return line;
  }

  #carry(near, port) {
    if (!this.whole) return near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const [end, other] of [[near, far], [far, near]]) {
      this.open.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => { this.open.delete(end); other.destroy(); });
      end.pipe(other);
    }
  }

  /** Whatever is under way breaks off, and nothing new comes through. */
  cut() {
    this.whole = false;
    for (const end of this.open) end.destroy();
  }

  mend() {
    this.whole = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}
