"""What the page says."""


def greeting(name):
    return f"Hello, {name or 'you'}"
