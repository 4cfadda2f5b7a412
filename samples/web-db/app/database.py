"""The connection that the migrations and the server share."""

import os

import psycopg2


def connect():
    with open(os.environ["DATABASE_PASSWORD_FILE"]) as file:
        password = file.read().rstrip("\n")
    return psycopg2.connect(os.environ["DATABASE"], password=password, connect_timeout=5)
