import ArgumentParser

@main
struct Berth: AsyncParsableCommand {
    func run() async throws { print("hi") }
}
