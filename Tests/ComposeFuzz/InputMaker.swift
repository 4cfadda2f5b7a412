import Compose

/// Makes the input of a number: the same seed and number give the same input.
struct InputMaker: Sendable {
    let seeds: Seeds
    let seed: UInt64

    func input(_ number: Int) -> FuzzInput {
        var random = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D &+ UInt64(number))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return envFile(&random)
        case 1: return template(&random)
        default: return project(&random)
        }
    }

    private func project(_ random: inout SeededGenerator) -> FuzzInput {
        var input = FuzzInput(files: random.pick(seeds.projects))
        let others = input.files.keys.filter { $0 != FuzzInput.main }.sorted()
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let isOther = !others.isEmpty && random.once(in: 5)
            let path = isOther ? random.pick(others) : FuzzInput.main
            let other = random.pick(seeds.projects)[FuzzInput.main] ?? []
            var bytes = input.files[path] ?? []
            random.pick(Mutation.allCases).apply(to: &bytes, other: other, &random)
            input.files[path] = Array(bytes.prefix(256 << 10))
        }
        vary(&input.options, &random)
        // Without the check of references, names that are none get through.
        input.isReloadable =
            input.options.without.isSubset(of: [.dropResources]) && input.options.paths == .absolute
            && input.options.purpose == .config
        return input
    }

    /// Mostly as most people load: the other ways only now and then.
    private func vary(_ options: inout LoadOptions, _ random: inout SeededGenerator) {
        options.profiles = random.once(in: 2) ? ["*"] : []
        for (phase, times) in [
            (LoadPhase.interpolate, 20), (.normalise, 20), (.checkReferences, 10),
            (.resolveEnvironment, 20), (.dropResources, 10),
        ] where random.once(in: times) {
            options.without.insert(phase)
        }
        if random.once(in: 20) { options.paths = .asWritten }
        if random.once(in: 10) { options.purpose = .run }
    }

    private func envFile(_ random: inout SeededGenerator) -> FuzzInput {
        var bytes = random.pick(seeds.envFiles)
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let mutation = random.pick(Mutation.allCases)
            mutation.apply(to: &bytes, other: random.pick(seeds.envFiles), &random)
        }
        let kind = random.pick([
            "env_file: it.env", "env_file: [{path: it.env, format: raw}]",
            "label_file: it.env",
        ])
        return FuzzInput(files: [
            FuzzInput.main: Array("services: {a: {image: x, \(kind)}}\n".utf8),
            "/project/it.env": bytes,
            random.once(in: 4) ? "/project/.env" : "/project/unused.env": bytes,
        ])
    }

    private func template(_ random: inout SeededGenerator) -> FuzzInput {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            text += random.pick(Vocabulary.templates).utf8
        }
        let byteKinds: [Mutation] = [
            .flipByte, .removeByte, .removeRange, .insertTemplate, .repeatText, .insertOddity,
        ]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            random.pick(byteKinds).apply(to: &text, other: Array("${A:-b}".utf8), &random)
        }
        // In quotes, so that only the template is at stake.
        let quoted = text.flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
        let key = random.pick(["labels: {l: '", "environment: {E: '", "command: ['", "image: '"])
        let close = key.hasPrefix("image") ? "'" : key.hasSuffix("['") ? "']" : "'}"
        let start = "services: {a: {build: ., \(key)"
        return FuzzInput(files: [
            FuzzInput.main: Array(start.utf8) + quoted + Array("\(close)}}\n".utf8)
        ])
    }
}
