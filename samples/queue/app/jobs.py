"""What producers and workers share: the connection, the names in Redis, and lines of JSON for the log."""

import json
import os

import redis

WAITING = "jobs:waiting"
DONE = "jobs:done"  # a worker's name ▶ how many it has done
ALIVE = "worker:alive:"  # + name; goes away by itself when its worker is gone
TAKEN = "worker:taken:"  # + name; the job that it is at


def connect():
    return redis.Redis(host=os.environ["REDIS"], decode_responses=True, socket_connect_timeout=5)


def log(**fields):
    print(json.dumps(fields), flush=True)
