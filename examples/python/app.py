"""A small site on bottle."""

import os
import signal
import sys

from bottle import Bottle, run

app = Bottle()


@app.get("/")
def hello():
    return {"hello": "python", "greeting": os.environ.get("GREETING", "unset")}


@app.get("/healthz")
def healthz():
    return "ok"


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
