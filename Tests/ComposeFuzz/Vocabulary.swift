import Compose

/// Words that mean something in a compose file, to be put where they do not belong.
enum Vocabulary {
    /// Last parts of the paths of all attributes.
    static let keys: [String] =
        Set(
            SupportTable.rows.compactMap { $0.path.split(separator: ".").last.map(String.init) }
                .map { $0.hasSuffix("[]") ? String($0.dropLast(2)) : $0 }
                .filter { $0 != "*" }
        ).sorted() + ["x-extra", "<<"]

    static let values = [
        "", "null", "~", "true", "no", "0", "-1", "017", "0x1F", "1_000", "1e3", ".inf", ".nan",
        "9223372036854775808", "18446744073709551616", "1.5", "64m", "1gb", "10s", "1h30m", "-5s",
        "2020-01-01", "22:22", "3.10", "'quoted'", "\"double\"", "\"\\0\\t\\u2028\"", "[]", "{}",
        "[a, b]", "{a: b}", "[null]", "[[]]", "*base", "&base x", "!reset null", "!override [x]",
        "!!str 1", "!!int x", "!!binary aGk=", "|\n    text\n      more\n",
        ">-\n    folded\n    text",
        "80:80", "8000-8010:80-90/udp", "127.0.0.1::53/udp", "[::1]:80:80", "1-65535", "0:0",
        "./a:/b:ro,z", "data:/data", "C:\\a:/b", "~/x:/y", "~ann/x:/y", "/a:/b:/c:/d", ":", "::",
        "service:a", "container:b", "host", "on-failure:3", "always", "sometimes", "bridge",
        "key=value", "=", "a=b=c", "sh -c 'echo $$HOME | cat'", "a; b", "`x`", "$(x)", "\\", "'",
        "\"",
        "0644", "0o644", "999", "path: x", "- item", "? key", "%", "@x", "https://h/x.git",
        "oci://x",
    ]

    static let templates = [
        "$SET", "${SET}", "${UNSET}", "$$", "$", "${", "${}", "${UNSET:-default}", "${EMPTY:-d}",
        "${EMPTY-d}", "${UNSET:?needed}", "${SET:+yes}", "${UNSET:-${SET}}", "${UNSET:-${}}",
        "${A:-{\"x\":1}}", "${A:-}}", "${1A}", "$1", "${A B}", "${PORT}", "${A:=b}", "${A?}",
        "${A:-${B:-${C:-${D:-e}}}}", "$ $", "${\u{E9}}", "\u{24}\u{24}{A}", "${A:-\n}", "${A:-'}",
    ]

    static let tokens = [
        ":", ": ", "- ", "\n", "\n\n", "\t", " ", "    ", "#", " #", "---\n", "...\n", "{", "}",
        "[", "]",
        ",", "&a ", "*a", "*base", "<<: *base\n", "!reset ", "!override ", "!!map ", "|", ">",
        "|2-", ">+",
        "'", "\"", "\\", "%YAML 1.2\n", "%TAG ! x\n", "? ", "@", "`", "~", "\r\n", "\r", "null",
        "x-a: ",
    ]

    /// Characters that are often handled wrongly: marks, separators, surrogates, what is cut short.
    static let oddities: [[UInt8]] = [
        [0xEF, 0xBB, 0xBF], [0xC2, 0x85], [0xC2, 0xA0], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9],
        [0xE2, 0x80, 0x8B], [0xE2, 0x80, 0xAE], [0xCC, 0x81], [0xF0, 0x9F, 0x91, 0xA9],
        [0xF0, 0x9F, 0x87, 0xA9, 0xF0, 0x9F, 0x87, 0xAA], [0xC4, 0xB0], [0xC3, 0x9F], [0xD9, 0xA3],
        [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF], [0xC3], [0xF4, 0x90, 0x80, 0x80], [0x00], [0x07],
        [0x1B], [0x7F], [0xEF, 0xBF, 0xBF], [0xEF, 0xBF, 0xBD], [0xE0, 0xA5, 0x90], [0xD7, 0x90],
    ]
}
