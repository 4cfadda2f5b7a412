"""Brings the database from the version that it has to the newest, one step after the other."""

from database import connect

STEPS = [
    "CREATE TABLE visits (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
    "ALTER TABLE visits ADD COLUMN path text NOT NULL DEFAULT '/'",
]


def main():
    connection = connect()
    # All or nothing: a step that fails leaves what was there.
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS steps (number int PRIMARY KEY)")
        cursor.execute("SELECT coalesce(max(number), 0) FROM steps")
        done = cursor.fetchone()[0]
        for number, step in enumerate(STEPS[done:], start=done + 1):
            cursor.execute(step)
            cursor.execute("INSERT INTO steps VALUES (%s)", (number,))
        print(f"the database is at step {len(STEPS)}, {len(STEPS) - done} of them new")


main()
