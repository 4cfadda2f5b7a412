/// Languages whose sources are what runs, and pages without any.
extension Stack {
    static func ruby(_ repository: Repository) -> Stack? {
        guard repository.has("Gemfile") else { return nil }
        let text = repository.text("Gemfile")
        let version =
            first(/(\d+\.\d+)/, in: repository.text(".ruby-version"))
            ?? first(/(?m)^\s*ruby\s+["'][^\d"']*(\d+\.\d+)/, in: text) ?? "3.4"
        let isRails = repository.has("bin/") && text.contains("rails")
        let command =
            isRails
            ? #""bin/rails", "server", "-b", "0.0.0.0", "-p", "3000""#
            : repository.has("config.ru")
                ? #""bundle", "exec", "rackup", "--host", "0.0.0.0", "--port", "3000""#
                : #""bundle", "exec", "ruby", "app.rb""#
        return Stack(
            language: "Ruby",
            port: 3000,
            notes: ["Ruby: \(isRails ? "Rails" : "the program") is taken to listen on port 3000"],
            dockerfile: head + """
                FROM ruby:\(version)
                WORKDIR /app
                # The gems first: they change less often than the program, and stay cached.
                COPY Gemfile \(repository.has("Gemfile.lock") ? "Gemfile.lock " : "")./
                RUN bundle install
                COPY . .
                # A program that is not root can do less harm; it may write below its folder.
                RUN useradd --system app && chown -R app /app
                USER app
                EXPOSE 3000
                CMD [\(command)]

                """,
            ignored: ["log", "tmp", ".bundle"],
            dependencies: text
        )
    }

    static func php(_ repository: Repository) -> Stack? {
        guard repository.has("composer.json") || repository.has("index.php") else { return nil }
        let text = repository.text("composer.json")
        let version = first(/"php"\s*:\s*"[^"\d]*(8\.\d+)/, in: text) ?? "8.3"
        let words = text.lowercased()
        var extensions: [String] = []
        if Database.isNamed(.postgres, in: words) { extensions.append("pdo_pgsql") }
        if Database.isNamed(.mysql, in: words) { extensions.append("pdo_mysql") }
        let libraries =
            extensions.contains("pdo_pgsql")
            ? "apt-get update && apt-get install -y --no-install-recommends libpq-dev && " : ""
        let install =
            extensions.isEmpty
            ? "" : "RUN \(libraries)docker-php-ext-install \(extensions.joined(separator: " "))\n"
        let composer =
            repository.has("composer.json")
            ? """
            COPY --from=composer:2 /usr/bin/composer /usr/bin/composer
            COPY . .
            RUN composer install --no-dev --no-interaction

            """ : "COPY . .\n"
        let root =
            repository.has("public/")
            ? """
            # The pages are below public; what is beside it is nobody's to see.
            RUN sed -ri 's!/var/www/html!/var/www/html/public!' /etc/apache2/sites-available/*.conf

            """ : ""
        return Stack(
            language: "PHP",
            port: 80,
            notes: ["PHP \(version), served by Apache on port 80"],
            dockerfile: head + """
                FROM php:\(version)-apache
                WORKDIR /var/www/html
                \(install)\(composer)\(root)EXPOSE 80

                """,
            ignored: ["vendor"],
            dependencies: text
        )
    }

    static func staticPages(_ repository: Repository) -> Stack? {
        let folder = ["", "public/", "static/"].first { place in
            place.isEmpty
                ? repository.has("index.html")
                : repository.folders[String(place.dropLast())]?.has("index.html") == true
        }
        guard let folder else { return nil }
        return Stack(
            language: "pages",
            port: 80,
            notes: ["pages without a program, served by nginx on port 80"],
            dockerfile: head + """
                FROM nginx:stable
                COPY \(folder.isEmpty ? "." : folder) /usr/share/nginx/html
                EXPOSE 80

                """
        )
    }
}
