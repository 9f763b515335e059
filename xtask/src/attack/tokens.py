"""Spreads requests over many tokens: each may ask only so often a minute."""

import itertools
import os
import threading

import schemathesis

TOKENS = itertools.cycle(os.environ["TOKENS"].split(","))
LOCK = threading.Lock()


@schemathesis.auth(refresh_interval=None)
class Tokens:
    def get(self, case, context):
        with LOCK:
            return next(TOKENS)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
