/// A name for a container that was given none: a quality and somebody, joined by `_` as docker's are.
enum RandomName {
    private static let qualities = [
        "able", "agile", "airy", "ample", "apt", "avid", "blithe", "bold", "brave", "bright",
        "brisk", "calm", "candid", "chipper", "civil", "clear", "clever", "cosy", "curious",
        "deft", "dainty", "eager", "early", "exact", "fair", "fond", "frank", "fresh", "gentle",
        "glad", "golden", "grand", "handy", "hardy", "honest", "humble", "jaunty", "jolly", "keen",
        "kind", "lively", "loyal", "lucid", "mellow", "merry", "mild", "modest", "neat", "nimble",
        "noble", "patient", "placid", "plucky", "polite", "prompt", "proud", "quaint", "quick",
        "quiet", "rapid", "ready", "robust", "rosy", "sage", "sharp", "sincere", "snug", "sober",
        "sound", "spry", "steady", "stoic", "sunny", "swift", "tidy", "tender", "tranquil",
        "upbeat",
        "vivid", "warm", "wise", "witty", "zesty",
    ]
    /// Mathematicians, navigators, engineers.
    private static let people = [
        "abel", "adanson", "agnesi", "ampere", "archimedes", "babbage", "baret", "bernoulli",
        "bessel", "bolzano", "brahe", "brunel", "cabot", "cantor", "cauchy", "cavendish", "celsius",
        "cook", "coulomb", "curie", "darwin", "dedekind", "diesel", "edison", "eratosthenes",
        "erdos", "euclid", "euler", "faraday", "fermat", "fourier", "franklin", "galileo", "galois",
        "gauss", "germain", "halley", "hamilton", "herschel", "hilbert", "hipparchus", "hooper",
        "humboldt", "huygens", "hypatia", "joule", "kepler", "kirch", "klein", "kovalevskaya",
        "lagrange", "laplace", "leibniz", "linnaeus", "lovelace", "magellan", "maxwell", "meitner",
        "mendel", "mercator", "napier", "newton", "noether", "nobel", "oersted", "pascal",
        "pasteur",
        "planck", "poincare", "ptolemy", "riemann", "rutherford", "shannon", "somerville",
        "stevenson", "tasman", "tesla", "torricelli", "turing", "volta", "watt", "weber", "zeno",
        "zuse",
    ]

    /// One of some thousands; with `isRetry` one of many more, for when the first was taken.
    static func make(isRetry: Bool = false) -> String {
        let quality = qualities.randomElement() ?? "calm"
        let person = people.randomElement() ?? "euler"
        return "\(quality)_\(person)" + (isRetry ? "\(Int.random(in: 0..<1_000_000))" : "")
    }
}
