extension Stack {
    static func python(_ repository: Repository) -> Stack? {
        let manifests = ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"]
        let entries = ["manage.py", "app.py", "main.py", "wsgi.py", "server.py"]
        guard (manifests + entries).contains(where: repository.has) else { return nil }
        let dependencies = manifests.map(repository.text).joined(separator: "\n")
        let words = dependencies.lowercased()
        let version = pythonVersion(repository)
        let (command, port, note) = pythonCommand(repository, words, entries)
        let install =
            repository.has("requirements.txt")
            ? """
            # The dependencies first: they change less often than the program, and stay cached.
            COPY requirements.txt ./
            RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
            COPY . .
            """
            : repository.has("pyproject.toml") || repository.has("setup.py")
                ? """
                COPY . .
                RUN --mount=type=cache,target=/root/.cache/pip pip install .
                """
                : repository.has("Pipfile")
                    ? """
                    COPY . .
                    RUN --mount=type=cache,target=/root/.cache/pip pip install pipenv && pipenv install --system
                    """ : "COPY . ."
        return Stack(
            language: "Python",
            port: port,
            notes: [note],
            dockerfile: head + """
                FROM python:\(version)-slim
                # Lines of the log appear at once, and no .pyc files are written.
                ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
                WORKDIR /app
                \(install)
                # A program that is not root can do less harm.
                RUN useradd --system app
                USER app
                \(port.map { "EXPOSE \($0)\n" } ?? "")CMD [\(command.map { "\"\($0)\"" }.joined(separator: ", "))]

                """,
            ignored: [".venv", "venv", "**/__pycache__", "*.pyc"],
            dependencies: dependencies
        )
    }

    private static func pythonVersion(_ repository: Repository) -> String {
        let written =
            first(/^\s*(3\.\d+)/, in: repository.text(".python-version"))
            ?? first(
                /requires-python\s*=\s*"[^"\d]*(3\.\d+)/,
                in: repository.text("pyproject.toml")
            )
        // A lower bound of old is no wish for that version.
        guard let written, let minor = written.split(separator: ".").last.flatMap({ Int($0) }),
            minor >= 10
        else { return "3.12" }
        return written
    }

    private static func pythonCommand(
        _ repository: Repository,
        _ dependencies: String,
        _ entries: [String]
    ) -> ([String], UInt16?, String) {
        let module =
            ["main", "app", "server", "wsgi"].first { repository.has($0 + ".py") } ?? "main"
        if repository.has("manage.py") {
            return (
                ["python", "manage.py", "runserver", "0.0.0.0:8000"], 8000,
                "Django, by its own server: use gunicorn where others reach it"
            )
        }
        if dependencies.contains("fastapi") || dependencies.contains("uvicorn") {
            return (
                ["uvicorn", "\(module):app", "--host", "0.0.0.0", "--port", "8000"], 8000,
                "FastAPI: the application is taken to be `app` in \(module).py"
            )
        }
        if dependencies.contains("gunicorn") {
            return (
                ["gunicorn", "--bind", "0.0.0.0:8000", "\(module):app"], 8000,
                "gunicorn: the application is taken to be `app` in \(module).py"
            )
        }
        if dependencies.contains("flask") {
            return (
                ["flask", "--app", module, "run", "--host", "0.0.0.0", "--port", "8000"], 8000,
                "Flask, by its own server: use gunicorn where others reach it"
            )
        }
        let entry = entries.first(where: repository.has) ?? "main.py"
        return (["python", entry], nil, "Python: \(entry) is taken to be the program")
    }
}
