/// A server that dependencies name, as a service of its own.
enum Database: String, CaseIterable {
    case postgres, mysql, redis, mongodb, rabbitmq

    /// As people call it.
    var title: String {
        switch self {
        case .postgres: "PostgreSQL"
        case .mysql: "MySQL"
        case .redis: "Redis"
        case .mongodb: "MongoDB"
        case .rabbitmq: "RabbitMQ"
        }
    }

    /// Names of packages, of whatever language, that speak to it.
    private var packages: [String] {
        switch self {
        case .postgres:
            [
                "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg", "pg-promise", "postgres",
                "pgx", "lib/pq", "tokio-postgres", "postgresql", "npgsql", "postgres-nio",
                "postgresnio", "fluent-postgres-driver", "ext-pdo_pgsql", "ext-pgsql",
            ]
        case .mysql:
            [
                "mysqlclient", "pymysql", "aiomysql", "mysql-connector-python", "mysql", "mysql2",
                "go-sql-driver/mysql", "mysql_async", "mysql-connector-j", "mysql-connector-java",
                "mariadb", "mysqlconnector", "mysql.data", "mysql-nio", "fluent-mysql-driver",
                "ext-pdo_mysql", "ext-mysqli", "trilogy",
            ]
        case .redis:
            [
                "redis", "aioredis", "ioredis", "go-redis", "redigo", "jedis", "lettuce-core",
                "spring-boot-starter-data-redis", "predis", "predis/predis", "stackexchange.redis",
                "redistack", "ext-redis", "sidekiq", "bull", "bullmq", "celery[redis]", "rq",
            ]
        case .mongodb:
            [
                "pymongo", "motor", "mongoengine", "mongodb", "mongoose", "mongo-driver",
                "mongodb-driver-sync", "spring-boot-starter-data-mongodb", "mongoid", "mongo",
                "mongodb.driver", "mongokitten", "ext-mongodb",
            ]
        case .rabbitmq:
            [
                "pika", "aio-pika", "amqplib", "amqp", "amqp091-go", "lapin", "amqp-client",
                "spring-boot-starter-amqp", "bunny", "rabbitmq.client", "php-amqplib",
            ]
        }
    }

    /// Whether a manifest names a package that speaks to it, as a whole word.
    static func isNamed(_ database: Database, in manifest: String) -> Bool {
        let text = manifest.lowercased()
        return database.packages.contains { package in
            text.ranges(of: package).contains { range in
                let before = text[..<range.lowerBound].last ?? " "
                let rest = text[range.upperBound...]
                // Go's modules end with a version, addresses of repositories with what they are.
                let ends =
                    rest.first.map { !isPart($0) } ?? true
                    || rest.prefixMatch(of: /\/v\d|\.git\b/) != nil
                return ends && (before == "/" || !isPart(before))
            }
        }
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_./".contains(character)
    }

    /// The service, two blanks further in than `services`.
    var service: String {
        switch self {
        case .postgres:
            """
              # PostgreSQL, since the dependencies name it. No port is published: only services of this
              # project reach it, as postgres:5432.
              postgres:
                image: postgres:17
                environment:
                  POSTGRES_USER: app
                  POSTGRES_DB: app
                  # Set it in .env, which is no part of the repository.
                  POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:-app}
                volumes:
                  - postgres:/var/lib/postgresql/data
                healthcheck:
                  test: [CMD, pg_isready, -U, app, -d, app]
                  interval: 5s
                  retries: 10
                  start_period: 30s
            """
        case .mysql:
            """
              # MySQL, since the dependencies name it. No port is published: only services of this
              # project reach it, as mysql:3306.
              mysql:
                image: mysql:8
                environment:
                  MYSQL_USER: app
                  MYSQL_DATABASE: app
                  # Set it in .env, which is no part of the repository.
                  MYSQL_PASSWORD: ${MYSQL_PASSWORD:-app}
                  MYSQL_RANDOM_ROOT_PASSWORD: "yes"
                volumes:
                  - mysql:/var/lib/mysql
                healthcheck:
                  test: [CMD, mysqladmin, ping, -h, 127.0.0.1]
                  interval: 5s
                  retries: 10
                  start_period: 60s
            """
        case .redis:
            """
              # Redis, since the dependencies name it, as redis:6379. What it holds survives a restart.
              redis:
                image: redis:7
                command: [redis-server, --appendonly, "yes"]
                volumes:
                  - redis:/data
                healthcheck:
                  test: [CMD, redis-cli, ping]
                  interval: 5s
                  retries: 10
            """
        case .mongodb:
            """
              # MongoDB, since the dependencies name it, as mongodb:27017.
              mongodb:
                image: mongo:7
                environment:
                  MONGO_INITDB_ROOT_USERNAME: app
                  # Set it in .env, which is no part of the repository.
                  MONGO_INITDB_ROOT_PASSWORD: ${MONGODB_PASSWORD:-app}
                volumes:
                  - mongodb:/data/db
                healthcheck:
                  test: [CMD, mongosh, --quiet, --eval, "db.adminCommand('ping')"]
                  interval: 5s
                  retries: 10
                  start_period: 30s
            """
        case .rabbitmq:
            """
              # RabbitMQ, since the dependencies name it, as rabbitmq:5672.
              rabbitmq:
                image: rabbitmq:4
                environment:
                  RABBITMQ_DEFAULT_USER: app
                  # Set it in .env, which is no part of the repository.
                  RABBITMQ_DEFAULT_PASS: ${RABBITMQ_PASSWORD:-app}
                # Its data is kept by host name.
                hostname: rabbitmq
                volumes:
                  - rabbitmq:/var/lib/rabbitmq
                healthcheck:
                  test: [CMD, rabbitmq-diagnostics, -q, ping]
                  interval: 10s
                  timeout: 10s
                  retries: 10
                  start_period: 60s
            """
        }
    }

    /// How a program is told where it is: a variable and its value.
    var address: (name: String, value: String) {
        switch self {
        case .postgres:
            ("DATABASE_URL", "postgresql://app:${POSTGRES_PASSWORD:-app}@postgres:5432/app")
        case .mysql: ("DATABASE_URL", "mysql://app:${MYSQL_PASSWORD:-app}@mysql:3306/app")
        case .redis: ("REDIS_URL", "redis://redis:6379/0")
        case .mongodb: ("MONGODB_URL", "mongodb://app:${MONGODB_PASSWORD:-app}@mongodb:27017")
        case .rabbitmq: ("AMQP_URL", "amqp://app:${RABBITMQ_PASSWORD:-app}@rabbitmq:5672")
        }
    }
}
